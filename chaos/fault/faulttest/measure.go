package faulttest

import (
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/chaos"
)

// Effects has each fault done to a node of a real cluster, on every runtime that there is here, and
// healed; then the cluster has to be whole again.
func Effects(t *testing.T, all []Effect) {
	t.Helper()
	t.Parallel()
	logging.Disable() // go-redis's pools log each failed dial, which is what these tests are about
	var mu sync.Mutex
	var rows []Row
	add := func(r Row) {
		mu.Lock()
		defer mu.Unlock()
		rows = append(rows, r)
	}
	t.Cleanup(func() { holdRows(t, all, rows) })
	for _, on := range clusters() {
		t.Run(on.Name, func(t *testing.T) {
			t.Parallel()
			c := on.deploy(t, all)
			for _, e := range all {
				if t.Failed() {
					t.Fatal("the faults after one that was not healed would tell nothing")
				}
				t.Run(e.Kind, func(t *testing.T) {
					if why := on.lacks(e.Fault); why != "" {
						add(Row{Kind: e.Kind, Runtime: on.Name, Effect: "refused: " + why})
						return
					}
					by, shown := e.on(t, c)
					by = mechanism(e.Fault, by)
					add(Row{Kind: e.Kind, Runtime: on.Name, Mechanism: by, Effect: shown})
					t.Logf("%s: %s", by, shown)
				})
			}
		})
	}
}

// mechanism is what exactly a fault does, and by what.
func mechanism(f chaos.Fault, by string) string {
	var words []string
	if d, ok := f.(chaos.Detailed); ok {
		words = append(words, d.Detail())
	}
	if by != "" {
		words = append(words, "by "+by)
	}
	return strings.Join(words, "; ")
}
