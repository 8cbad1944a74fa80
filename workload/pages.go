package workload

import (
	"fmt"
	"strconv"

	"github.com/redis-chaos/redis-chaos/workload/drive"
)

// pipelineBytes is about how much the answers to one pipeline may take: a server does
// nothing else until it has put them together.
const pipelineBytes = 256 << 10

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

func (p pages) Width() int { return p.batch }

// stringsIn are the strings of a reply that is an array of them.
func stringsIn(reply any) ([]string, error) {
	items, ok := reply.([]any)
	if !ok {
		return nil, fmt.Errorf("a reply is %T, no array", reply)
	}
	all := make([]string, len(items))
	for i, item := range items {
		if all[i], ok = item.(string); !ok {
			return nil, fmt.Errorf("an item of a reply is %T, no string", item)
		}
	}
	return all, nil
}

// scanned is what is in the reply to a SCAN of some kind, and the next cursor.
func scanned(reply any) ([]string, drive.Cursor, error) {
	parts, ok := reply.([]any)
	if !ok || len(parts) != 2 {
		return nil, drive.Cursor{}, fmt.Errorf("a reply to a scan is %v", reply)
	}
	text, _ := parts[0].(string)
	next, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil, drive.Cursor{}, fmt.Errorf("reading the cursor of a scan: %w", err)
	}
	values, err := stringsIn(parts[1])
	return values, drive.Cursor{Lo: next}, err
}

// get reads strings of a size in bytes.
type get struct{ size int }

var _ drive.Source = get{}

func (g get) Width() int { return min(max(pipelineBytes/max(g.size, 1), 1), 1000) }

func (g get) Ask(key string, _ drive.Cursor) *drive.Command { return drive.NewCommand("get", key) }

func (g get) Answer(reply any, _ drive.Cursor) ([]string, drive.Cursor, error) {
	switch value := reply.(type) {
	case nil:
		return nil, drive.Cursor{}, nil
	case string:
		return []string{value}, drive.Cursor{}, nil
	default:
		return nil, drive.Cursor{}, fmt.Errorf("%T is no string", reply)
	}
}
