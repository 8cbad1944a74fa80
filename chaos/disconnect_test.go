package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/fault/network"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// cuts is a cluster of which it is only remembered which nodes are off which networks.
type cuts struct {
	compose.Cluster
	cut func(ctx context.Context, node string, n compose.Network) error

	mu  sync.Mutex
	off []string
	was []string // all that were off at some time
}

func (c *cuts) Disconnect(ctx context.Context, node string, n compose.Network) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	c.off, c.was = append(c.off, node+" "+string(n)), append(c.was, node+" "+string(n))
	c.mu.Unlock()
	return c.cut(ctx, node, n)
}

func (c *cuts) Connect(ctx context.Context, node string, n compose.Network) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = slices.DeleteFunc(c.off, func(off string) bool { return off == node+" "+string(n) })
	return nil
}

// Whatever was cut off when a step failed, or when the run was interrupted between two,
// is put back.
func TestACutThatFailsHalfWayIsPutBack(t *testing.T) {
	cluster, err := local.Deploy(t.Context(), local.Options{
		RunID: fmt.Sprintf("test-cuts-%d", time.Now().UnixNano()), Masters: 3, Mode: local.Unprivileged, FirstPort: 24000, Dir: filepath.Join(t.TempDir(), "run"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	// The second network of one target fails although it takes hold, as an engine's may.
	failing := func(_ context.Context, node string, n compose.Network) error {
		if node == "redis-master-2" && n == compose.ClientNetwork {
			return errors.New("the engine failed")
		}
		return nil
	}
	t.Run("a step whose target has another role than expected is left out", func(t *testing.T) {
		r := &cuts{Cluster: cluster}
		rec := record.New(record.NewClock(), io.Discard)
		c := &chaos.Conductor{Scenario: &scenarios.Scenario{Cluster: scenarios.Cluster{Masters: 3}}, Cluster: r, Layout: slots.Equal(3), Record: rec, Progress: func(string) {}}
		cut := &network.Disconnect{Selector: aim.Selector{Node: []string{"redis-master-1"}, ExpectRole: aim.Replica}, Network: "all"}
		if err := c.LiveThrough(t.Context(), scenarios.Fault{Kind: "disconnect", Spec: cut}); err != nil || len(r.was) > 0 {
			t.Errorf("%v, cut off: %v", err, r.was)
		}
		want := &record.Fault{Kind: "disconnect", Phase: record.FaultSkipped, Error: "redis-master-1 is a master by now, where a replica was expected"}
		if events := rec.Events(); len(events) != 1 || !reflect.DeepEqual(events[0].Data, want) {
			t.Errorf("%+v, want %+v", events, want)
		}
	})
	for name, test := range map[string]struct {
		interrupt bool // after the first network of each target
		cut       int  // networks of nodes that are cut off
		fails     bool
	}{
		"a step fails": {false, 6, true},
		"interrupted":  {true, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := &cuts{Cluster: cluster, cut: failing}
			if test.interrupt {
				var first sync.WaitGroup
				first.Add(3)
				r.cut = func(ctx context.Context, _ string, _ compose.Network) error {
					first.Done()
					first.Wait()
					cancel()
					return ctx.Err()
				}
			}
			rec := record.New(record.NewClock(), io.Discard)
			c := &chaos.Conductor{
				Scenario: &scenarios.Scenario{Duration: units.Duration(time.Second), Cluster: scenarios.Cluster{Masters: 3}},
				Cluster:  r, Layout: slots.Equal(3), Record: rec, Progress: func(string) {},
			}
			cut := &network.Disconnect{Selector: aim.Selector{Role: "master"}, Network: "all"}
			// Nothing tells that the healing took hold, so it is waited for until signTimeout.
			err := c.LiveThrough(ctx, scenarios.Fault{Kind: "disconnect", Spec: cut})
			if (err != nil) != test.fails {
				t.Errorf("%v", err)
			}
			if len(r.off) > 0 || len(r.was) != test.cut {
				t.Errorf("cut off: %v; still off: %v", r.was, r.off)
			}
		})
	}
}
