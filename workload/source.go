package workload

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// pipelineBytes is about how much the answers to one pipeline may take: a server does
// nothing else until it has put them together.
const pipelineBytes = 256 << 10

// source is the commands that read back what a key holds, in order where the
// key has one.
type source interface {
	// ask queues the command for what comes at a cursor, which is zero at first.
	ask(ctx context.Context, pipe redis.Pipeliner, key string, at cursor) redis.Cmder
	// answer is what the command for a cursor has returned, and the next cursor,
	// zero at the end.
	answer(cmd redis.Cmder, at cursor) (values []string, next cursor, err error)
	// width is how many keys to ask for in one pipeline.
	width() int
}

// cursor is a place within a key. What its numbers mean is the source's.
type cursor struct{ hi, lo uint64 }

var (
	_ source = scan{}
	_ source = get{}
	_ source = listRange{}
	_ source = hashScan{}
	_ source = streamRange{}
)

// pages is how much is read at once of keys that hold many values.
type pages struct {
	page  int64 // values
	batch int   // keys in a pipeline
}

// newPages is for values of a size in bytes.
func newPages(size int) pages {
	size = max(size, 16)
	page := min(max(pipelineBytes/size, 1), 1000)
	return pages{page: int64(page), batch: min(max(pipelineBytes/(page*size), 1), 100)}
}

func (p pages) width() int { return p.batch }

// scan reads sets, a page at a time.
type scan struct{ pages }

func (s scan) ask(ctx context.Context, pipe redis.Pipeliner, key string, at cursor) redis.Cmder {
	return pipe.SScan(ctx, key, at.lo, "", s.page)
}

func (s scan) answer(cmd redis.Cmder, _ cursor) ([]string, cursor, error) {
	c, ok := cmd.(*redis.ScanCmd)
	if !ok {
		return nil, cursor{}, fmt.Errorf("%T is no scan", cmd)
	}
	values, next, err := c.Result()
	return values, cursor{lo: next}, err
}

// get reads strings of a size in bytes.
type get struct{ size int }

func (g get) width() int { return min(max(pipelineBytes/max(g.size, 1), 1), 1000) }

func (g get) ask(ctx context.Context, pipe redis.Pipeliner, key string, _ cursor) redis.Cmder {
	return pipe.Get(ctx, key)
}

func (g get) answer(cmd redis.Cmder, _ cursor) ([]string, cursor, error) {
	c, ok := cmd.(*redis.StringCmd)
	if !ok {
		return nil, cursor{}, fmt.Errorf("%T is no get", cmd)
	}
	value, err := c.Result()
	switch {
	case errors.Is(err, redis.Nil):
		return nil, cursor{}, nil
	case err != nil:
		return nil, cursor{}, err
	}
	return []string{value}, cursor{}, nil
}
