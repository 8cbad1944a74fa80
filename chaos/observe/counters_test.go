package observe

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
)

func TestCountersAreRecordedWhenTheyChange(t *testing.T) {
	nodes, _ := sixNodes()
	rec := record.New(record.NewClock(), io.Discard)
	o := newViews(nodes, newIdentities(nodes), rec, Shards(nodes, slots.Equal(3)), slots.Equal(3), topologyPace)
	name := nodes[0].Name
	was := o.last[name]
	for _, step := range []struct {
		counters view.Counters
		loading  bool
		recorded bool
	}{
		{view.Counters{RunID: "a", Keys: 5}, false, true},
		{view.Counters{RunID: "a", Keys: 6}, false, false},
		{view.Counters{RunID: "a", Keys: 7, EvictedKeys: 1}, false, true},
		{view.Counters{RunID: "a", Keys: 8, EvictedKeys: 1}, false, false},
		{view.Counters{RunID: "b"}, true, true},
		{view.Counters{RunID: "b", Keys: 3}, true, false},
		{view.Counters{RunID: "b", Keys: 8}, false, true},
		{view.Counters{RunID: "b", Keys: 0, Flushes: 1}, false, true},
	} {
		before := len(rec.Events())
		was.view.Persistence.Loading = step.loading
		o.compareCounters(rec.Now(), name, was, step.counters)
		events := rec.Events()
		if recorded := len(events) > before; recorded != step.recorded {
			t.Errorf("%+v: recorded %v, want %v", step.counters, recorded, step.recorded)
			continue
		}
		if e := events[len(events)-1].Data.(*record.Counters); step.recorded && e.Keys != step.counters.Keys {
			t.Errorf("%+v: %+v", step.counters, e)
		}
	}
}

// A server that evicts is seen to, and one that has started anew is another run of it.
func TestCountersOfAServer(t *testing.T) {
	c, err := local.Deploy(t.Context(), local.Options{
		RunID: fmt.Sprintf("test-counters-%d", time.Now().UnixNano()), Masters: 3, Mode: local.Unprivileged, FirstPort: 23000, Dir: filepath.Join(t.TempDir(), "run"),
		Config: map[string][]string{"maxmemory": {"4mb"}, "maxmemory-policy": {"allkeys-lru"}, "appendonly": {"no"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	rec := record.New(record.NewClock(), io.Discard)
	o := newViews(c.Nodes(), newIdentities(c.Nodes()), rec, Shards(c.Nodes(), slots.Equal(3)), slots.Equal(3), topologyPace)
	poll := newPoller(c, rec, topologyPace, o.questions())
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	var polling sync.WaitGroup
	defer polling.Wait()
	defer cancel()
	polling.Go(func() { poll.run(ctx) })

	node := c.Nodes()[0]
	first := awaitCounters(ctx, t, rec, node, "of its first run", func(e *record.Counters) bool { return e.RunID != "" })
	flush(ctx, t, node)
	flushed := awaitCounters(ctx, t, rec, node, "of a flush", func(e *record.Counters) bool { return e.Flushes > first.Flushes })
	if flushed.RunID != first.RunID || flushed.Flushes != first.Flushes+1 {
		t.Errorf("flushed once: %+v after %+v", flushed, first)
	}
	fill(ctx, t, node)
	evicted := awaitCounters(ctx, t, rec, node, "of evictions", func(e *record.Counters) bool { return e.EvictedKeys > 0 })
	if evicted.RunID != first.RunID || evicted.Keys == 0 {
		t.Errorf("%+v after %+v", evicted, first)
	}
	if err := c.Stop(ctx, node.Name, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(ctx, node.Name); err != nil {
		t.Fatal(err)
	}
	again := awaitCounters(ctx, t, rec, node, "of its second run", func(e *record.Counters) bool { return e.RunID != first.RunID })
	if again.EvictedKeys != 0 {
		t.Errorf("after a restart: %+v", again)
	}
}

func clientOf(node compose.Node) *redis.Client {
	return redis.NewClient(&redis.Options{Addr: node.Addr})
}

func flush(ctx context.Context, t *testing.T, node compose.Node) {
	t.Helper()
	client := clientOf(node)
	defer client.Close()
	if err := client.FlushAll(ctx).Err(); err != nil {
		t.Fatal(err)
	}
}

// fill writes 8 MB to one of the node's slots.
func fill(ctx context.Context, t *testing.T, node compose.Node) {
	t.Helper()
	client := clientOf(node)
	defer client.Close()
	value := strings.Repeat("x", 8<<10)
	for i := range 1000 {
		// {b} is in slot 3300, of shard 0.
		if err := client.Set(ctx, fmt.Sprintf("{b}%d", i), value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// awaitCounters waits for counters of a node that match.
func awaitCounters(ctx context.Context, t *testing.T, rec *record.Record, node compose.Node, what string, match func(*record.Counters) bool) *record.Counters {
	t.Helper()
	for alarm.Sleep(ctx, 20*time.Millisecond) {
		for _, e := range rec.Events() {
			if c, ok := e.Data.(*record.Counters); ok && c.Node == node.Name && match(c) {
				return c
			}
		}
	}
	t.Fatalf("%s told nothing %s", node.Name, what)
	return nil
}
