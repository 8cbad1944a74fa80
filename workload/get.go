package workload

import "fmt"

// get reads strings of a size in bytes.
type get struct{ size int }

var _ source = get{}

func (g get) width() int { return min(max(pipelineBytes/max(g.size, 1), 1), 1000) }

func (g get) ask(key string, _ cursor) *Command { return newCommand("get", key) }

func (g get) answer(reply any, _ cursor) ([]string, cursor, error) {
	switch value := reply.(type) {
	case nil:
		return nil, cursor{}, nil
	case string:
		return []string{value}, cursor{}, nil
	default:
		return nil, cursor{}, fmt.Errorf("%T is no string", reply)
	}
}
