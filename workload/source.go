package workload

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// pipelineBytes is about how much the answers to one pipeline may take.
const pipelineBytes = 4 << 20

// source is the commands that read back what a key holds.
type source interface {
	// ask queues the command for what comes at a cursor, which is 0 at first.
	ask(ctx context.Context, pipe redis.Pipeliner, key string, cursor uint64) redis.Cmder
	// answer is what a command has returned, and the next cursor, 0 at the end.
	answer(cmd redis.Cmder) (values []string, cursor uint64, err error)
	// width is how many keys to ask for in one pipeline.
	width() int
}

var (
	_ source = scan{}
	_ source = get{}
)

// scan reads sets, a page at a time.
type scan struct {
	page  int64 // elements
	batch int   // keys in a pipeline
}

// newScan reads sets of elements of a size in bytes.
func newScan(size int) scan {
	size = max(size, 16)
	page := min(max(pipelineBytes/size, 10), 1000)
	return scan{page: int64(page), batch: min(max(pipelineBytes/(page*size), 1), 100)}
}

func (s scan) width() int { return s.batch }

func (s scan) ask(ctx context.Context, pipe redis.Pipeliner, key string, cursor uint64) redis.Cmder {
	return pipe.SScan(ctx, key, cursor, "", s.page)
}

func (s scan) answer(cmd redis.Cmder) ([]string, uint64, error) {
	c, ok := cmd.(*redis.ScanCmd)
	if !ok {
		return nil, 0, fmt.Errorf("%T is no scan", cmd)
	}
	return c.Result()
}

// get reads strings of a size in bytes.
type get struct{ size int }

func (g get) width() int { return min(max(pipelineBytes/max(g.size, 1), 1), 1000) }

func (g get) ask(ctx context.Context, pipe redis.Pipeliner, key string, _ uint64) redis.Cmder {
	return pipe.Get(ctx, key)
}

func (g get) answer(cmd redis.Cmder) ([]string, uint64, error) {
	c, ok := cmd.(*redis.StringCmd)
	if !ok {
		return nil, 0, fmt.Errorf("%T is no get", cmd)
	}
	value, err := c.Result()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, 0, nil
	case err != nil:
		return nil, 0, err
	}
	return []string{value}, 0, nil
}
