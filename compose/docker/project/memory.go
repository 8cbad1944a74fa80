package project

import (
	"errors"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose/discover"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Memory is what a cluster was when it was found well, for when some of it gives no answer: its faults are healed by it.
type Memory struct {
	Found      *discover.Cluster
	Containers []Container
}

// MemorySuffix ends the places of journals that hold memories: that of the engine is before it.
const MemorySuffix = "-projects"

// Remember notes what a project's cluster is like, in the place of what was noted before. Its entry is not locked.
func Remember(place, name string, m Memory) error {
	j, err := journal.Open[Memory](place + MemorySuffix)
	if err != nil {
		return err
	}
	before, err := j.Claim(name)
	if err == nil && before != nil {
		err = before.Unregister()
	}
	if err != nil {
		return err
	}
	e, err := j.Register(name, func([]journal.Item[Memory]) (Memory, error) { return m, nil })
	if err != nil {
		return fmt.Errorf("noting what the cluster is like: %w", err)
	}
	e.Release()
	return nil
}

// ErrForgotten is the error of a project of which nothing is noted.
var ErrForgotten = errors.New("it was not found healthy by this program before")

// Recall is what was noted.
func Recall(place, name string) (m Memory, err error) {
	j, err := journal.Open[Memory](place + MemorySuffix)
	if err != nil {
		return m, err
	}
	items, err := j.Items()
	if err != nil {
		return m, err
	}
	for _, item := range items {
		if item.RunID == name {
			return item.Made, nil
		}
	}
	return m, ErrForgotten
}
