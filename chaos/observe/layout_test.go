package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// A cluster whose shards are unequal in slots, which are in fragments, and in replicas is observed as it is: each
// shard by its own owner, and probed by keys that it has. A node of it that comes back as another one is followed.
func TestAnUnequalClusterIsObserved(t *testing.T) {
	c, err := local.Deploy(t.Context(), local.Options{
		RunID: fmt.Sprintf("test-layout-%d", time.Now().UnixNano()), Masters: 3, Replicas: 1, Mode: local.Unprivileged, FirstPort: 23300, Dir: filepath.Join(t.TempDir(), "run"),
		Config: map[string][]string{"cluster-node-timeout": {"2000"}, "repl-diskless-sync-delay": {"0"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	formed := c.Nodes()
	m1, m2, m3, r1, r2, r3 := formed[0], formed[1], formed[2], formed[3], formed[4], formed[5]
	move(t, slots.Range{First: 0, Last: 99}, m1, m3)
	move(t, slots.Range{First: 300, Last: 300}, m1, m3)
	move(t, slots.Range{First: 5461, Last: 8000}, m2, m1)
	do(t, r2, "cluster", "replicate", m1.ID)

	want := []string{"0-99 300 10923-16383", "100-299 301-8000", "8001-10922"}
	var layout slots.Layout
	await(t, "every node knows who has which slots", func() error {
		for _, v := range compose.Views(t.Context(), c) {
			if v == nil {
				return fmt.Errorf("a node does not answer")
			}
			if layout, err = v.Layout(); err != nil {
				return err
			}
			if got := texts(layout); !slices.Equal(got, want) {
				return fmt.Errorf("shards have %q, want %q", got, want)
			}
		}
		return nil
	})
	if found, err := compose.FindLayout(t.Context(), c); err != nil || !slices.Equal(texts(found), want) {
		t.Errorf("found %q, %v", texts(found), err)
	}
	topology, err := CurrentTopology(t.Context(), c, layout)
	if err != nil {
		t.Fatal(err)
	}
	unequal := &found{Cluster: c, nodes: slices.Clone(formed)}
	shards := map[string]int{m1.Name: 1, m2.Name: 2, m3.Name: 0, r1.Name: 1, r2.Name: 1, r3.Name: 0}
	for i, m := range topology {
		if m.Shard != shards[m.Node] {
			t.Errorf("%s is in shard %d, want %d", m.Node, m.Shard, shards[m.Node])
		}
		unequal.nodes[i].Shard = m.Shard
	}
	for i, want := range [][]string{{r3.Name}, {r1.Name, r2.Name}, {}} {
		if got := Shards(unequal.nodes, layout)[i]; !slices.Equal(got.Replicas, want) || got.Slots != layout.Text(i) {
			t.Errorf("%+v, want the replicas %v", got, want)
		}
	}

	rec := record.New(record.NewClock(), io.Discard)
	o, err := Begin(t.Context(), Options{Cluster: unequal, Record: rec, RunID: "test", Layout: layout, Probes: 5 * time.Millisecond, Topology: 20 * time.Millisecond, LogDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ending := func() { o.End(t.Context()) }
	defer func() { ending() }()
	await(t, "the cluster is whole", func() error { return lacks(o.Missing(0)) })
	since := rec.Now()
	do(t, r1, "cluster", "failover")
	await(t, "the shard has failed over and is whole again", func() error {
		if owner, _ := lastOwners(rec, since)[m3.Name+" 1"]; owner != r1.Name {
			return fmt.Errorf("%s names %q as the owner of shard 1", m3.Name, owner)
		}
		return lacks(o.Missing(rec.Now() - 200))
	})
	observeAnotherID(t, c, o, rec, r2, r1.ID)
	o.End(t.Context())
	ending = func() {}

	owners := lastOwners(rec, 0)
	for _, n := range formed {
		for shard, owner := range []string{m3.Name, r1.Name, m2.Name} {
			if got := owners[fmt.Sprintf("%s %d", n.Name, shard)]; got != owner {
				t.Errorf("%s names %q as the owner of shard %d, want %s", n.Name, got, shard, owner)
			}
		}
	}
	masters := map[int][]string{}
	for _, e := range rec.Events() {
		if p, ok := e.Data.(*record.Probe); ok && p.Answer == record.ProbeAck && !slices.Contains(masters[p.Shard], p.Node) {
			masters[p.Shard] = append(masters[p.Shard], p.Node)
		}
		if s, ok := e.Data.(*record.SlotOwner); ok && s.Owner == "" {
			t.Errorf("%+v", s)
		}
	}
	for shard, want := range [][]string{{m3.Name}, {m1.Name, r1.Name}, {m2.Name}} {
		if !slices.Equal(masters[shard], want) {
			t.Errorf("probes of shard %d were acked by %v, want %v", shard, masters[shard], want)
		}
	}
}

// observeAnotherID has a replica come back without its nodes.conf, as another node to the cluster, and then be made a
// replica of a master again. Those that still know it as who it was see that one fail.
func observeAnotherID(t *testing.T, c *local.Cluster, o *Observation, rec *record.Record, replica compose.Node, master string) {
	t.Helper()
	since := rec.Now()
	if err := c.Stop(t.Context(), replica.Name, 0); err != nil {
		t.Fatal(err)
	}
	data, err := c.Data(t.Context(), replica.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(data.Remove("nodes.conf"), data.Close()); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context(), replica.Name); err != nil {
		t.Fatal(err)
	}
	id := ""
	await(t, "it is another one by its own word", func() error {
		for _, e := range rec.Events() {
			if i, ok := e.Data.(*record.Identity); ok && e.At >= since && i.Node == replica.Name {
				id = i.ID
				return nil
			}
		}
		return errors.New("it is not")
	})
	if id == replica.ID {
		t.Fatalf("it has the ID that it had, %s", id)
	}
	if got := o.Missing(rec.Now() - 1000); got == "" {
		t.Error("the cluster counts as whole")
	}
	topology, err := CurrentTopology(t.Context(), c, o.Layout)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range topology {
		if m.Node == replica.Name {
			t.Errorf("whoever knows it as who it was finds %+v", m)
		}
	}
	for _, n := range c.Nodes() {
		if n.Name == replica.Name {
			continue
		}
		host, port, err := net.SplitHostPort(n.Addr)
		if err != nil {
			t.Fatal(err)
		}
		do(t, n, "cluster", "forget", replica.ID)
		do(t, replica, "cluster", "meet", host, port)
	}
	await(t, "it is a replica again", func() error {
		client := clientOf(replica)
		defer client.Close()
		return client.Do(t.Context(), "cluster", "replicate", master).Err()
	})
	await(t, "the cluster is whole again", func() error { return lacks(o.Missing(rec.Now() - 200)) })
	await(t, "all others know it as a replica", func() error {
		topology, err := CurrentTopology(t.Context(), c, o.Layout)
		if i := slices.IndexFunc(topology, func(m Member) bool { return m.Node == replica.Name && m.Shard == 1 && !m.Master }); err == nil && i < 0 {
			err = fmt.Errorf("%+v", topology)
		}
		return err
	})
}

// found is a cluster whose nodes are of other shards than they were formed as.
type found struct {
	compose.Cluster
	nodes []compose.Node
}

func (f *found) Nodes() []compose.Node { return slices.Clone(f.nodes) }

func texts(l slots.Layout) (all []string) {
	for shard := range l.Shards() {
		all = append(all, l.Text(shard))
	}
	return all
}

func lacks(what string) error {
	if what == "" {
		return nil
	}
	return fmt.Errorf("lacking: %s", what)
}

// lastOwners is whom each node named last, since a moment, as the owner of each shard: by "node shard".
func lastOwners(rec *record.Record, since record.Millis) map[string]string {
	all := map[string]string{}
	for _, e := range rec.Events() {
		if s, ok := e.Data.(*record.SlotOwner); ok && e.At >= since {
			all[fmt.Sprintf("%s %d", s.Observer, s.Shard)] = s.Owner
		}
	}
	return all
}

// move gives slots without keys to another node. Its new epoch has all others believe it.
func move(t *testing.T, r slots.Range, from, to compose.Node) {
	t.Helper()
	for _, n := range []compose.Node{from, to} {
		client := clientOf(n)
		defer client.Close()
		pipe := client.Pipeline()
		for slot := r.First; slot <= r.Last; slot++ {
			pipe.Do(t.Context(), "cluster", "setslot", slot, "node", to.ID)
		}
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatalf("%s: %v", n.Name, err)
		}
	}
	do(t, to, "cluster", "bumpepoch")
}

func do(t *testing.T, node compose.Node, command ...any) {
	t.Helper()
	client := clientOf(node)
	defer client.Close()
	if err := client.Do(t.Context(), command...).Err(); err != nil {
		t.Fatalf("%v to %s: %v", command, node.Name, err)
	}
}

func await(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
