package compose

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// ViewPatience is how long Views waits for nodes if one has answered by then, and silencePatience if none has. Once most
// have answered it waits for the others as long again as these took, and at least for straggling: one that is frozen, or
// that nobody reaches, keeps nobody waiting.
const (
	ViewPatience    = time.Second
	silencePatience = 5 * time.Second
	straggling      = 50 * time.Millisecond
)

// Views asks every node, all at once, how it sees the cluster, in the order of s.Nodes(). Those that do not answer
// have none: nil.
func Views(ctx context.Context, s Servers) []*view.View {
	began := time.Now()
	ctx, enough := context.WithTimeout(ctx, silencePatience)
	defer enough()
	nodes := s.Nodes()
	views := make([]*view.View, len(nodes))
	var answered atomic.Int64
	late := time.AfterFunc(ViewPatience, func() {
		if answered.Load() > 0 {
			enough()
		}
	})
	defer late.Stop()
	_ = EachNode(nodes, func(i int) error {
		c := DirectClient(s, nodes[i].Addr, silencePatience)
		defer c.Close()
		defer context.AfterFunc(ctx, func() { _ = c.Close() })() // a command that waits does not heed it
		v, err := view.Fetch(ctx, c)
		if err != nil {
			return err
		}
		views[i] = &v
		if most := int(answered.Add(1)) == len(nodes)/2+1; most || time.Since(began) > ViewPatience {
			time.AfterFunc(max(straggling, min(time.Since(began), ViewPatience)), enough)
		}
		return nil
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

// Identified are the nodes with the IDs that they have by now: by their own word, or of those that give none by where
// the others see them. A node may have got another ID than it was formed with, which others may still know.
func Identified(nodes []Node, views []*view.View) []Node {
	all, latest := slices.Clone(nodes), view.Latest(views)
	for i := range all {
		if views[i] != nil {
			me, _ := views[i].Myself()
			all[i].ID = me.ID
			continue
		}
		if latest == nil {
			continue
		}
		for _, n := range latest.Nodes {
			if n.Addr == nodes[i].Announced && n.ID != nodes[i].ID && n.Flag != "handshake" {
				all[i].ID = n.ID
			}
		}
	}
	return all
}
