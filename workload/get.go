package workload

import (
	"fmt"

	"github.com/redis-chaos/redis-chaos/workload/drive"
)

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
