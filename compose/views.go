package compose

import (
	"context"
	"errors"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// viewPatience is how long a node may take to tell its view.
const viewPatience = 500 * time.Millisecond

// Views asks every node, all at once, how it sees the cluster, in the order of s.Nodes(). Those that do not answer
// have none: nil.
func Views(ctx context.Context, s Servers) []*view.View {
	nodes := s.Nodes()
	views := make([]*view.View, len(nodes))
	_ = EachNode(nodes, func(i int) error {
		c := DirectClient(s, nodes[i].Addr, viewPatience)
		defer c.Close()
		v, err := view.Fetch(ctx, c)
		if err == nil {
			views[i] = &v
		}
		return err
	}) // those that do not answer have no view
	return views
}

// FindLayout asks the nodes which slots each shard has.
func FindLayout(ctx context.Context, s Servers) (slots.Layout, error) {
	v := view.Latest(Views(ctx, s))
	if v == nil {
		return slots.Layout{}, errors.New("no node answers")
	}
	return v.Layout()
}
