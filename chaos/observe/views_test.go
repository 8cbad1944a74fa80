package observe

import (
	"io"
	"reflect"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// sixNodes is a 3×1 cluster as `compose` would have formed it.
func sixNodes() (nodes []compose.Node, seen []view.Node) {
	for i, name := range compose.NodeNames(3, 1) {
		n := compose.Node{Name: name, ID: "id-" + name, Addr: name + ":6379", Shard: i % 3, Replica: i >= 3}
		nodes = append(nodes, n)
		v := view.Node{ID: n.ID, Addr: n.Addr, Master: !n.Replica, Flag: "ok", Epoch: int64(i%3 + 1)}
		if n.Replica {
			v.OfID = nodes[n.Shard].ID
		} else {
			v.Slots = slots.Equal(3).Ranges(n.Shard)
		}
		seen = append(seen, v)
	}
	return nodes, seen
}

func TestTopologyOfAView(t *testing.T) {
	nodes, seen := sixNodes()
	// redis-replica-1 has taken shard 0 over; redis-master-1 is its replica now.
	seen[3].Master, seen[3].OfID, seen[3].Slots = true, "", seen[0].Slots
	seen[0].Master, seen[0].OfID, seen[0].Slots = false, seen[3].ID, nil
	seen[5].Flag = "fail"
	got := topologyOf(view.View{Nodes: seen}, nodes, named(nodes), slots.Equal(3))
	want := Topology{
		{Node: "redis-master-1", Shard: 0, Of: "redis-replica-1"}, {Node: "redis-master-2", Shard: 1, Master: true, Slots: seen[1].Slots},
		{Node: "redis-master-3", Shard: 2, Master: true, Slots: seen[2].Slots}, {Node: "redis-replica-1", Shard: 0, Master: true, Slots: seen[3].Slots},
		{Node: "redis-replica-2", Shard: 1, Of: "redis-master-2"}, {Node: "redis-replica-3", Shard: 2, Of: "redis-master-3", Failed: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// The cluster is whole only once nothing at all is missing.
func TestMissing(t *testing.T) {
	nodes, seen := sixNodes()
	rec := record.New(record.NewClock(), io.Discard)
	o := newViews(nodes, newIdentities(nodes), rec, Shards(nodes, slots.Equal(3)), slots.Equal(3), topologyPace)
	tell := func(change func(i int, v *view.View)) {
		for i, n := range nodes {
			v := view.View{State: "ok", Nodes: append([]view.Node(nil), seen...)}
			v.Nodes[i].Myself = true
			if !n.Replica {
				v.Replication = view.Replication{Master: true, Replicas: []view.Replica{{Addr: nodes[i+3].Addr, Online: true}}}
			}
			if change != nil {
				change(i, &v)
			}
			was := o.last[n.Name]
			was.at, was.view = rec.Now(), v
			o.compareCluster(was.at, n.Name, was)
			if v.Replication.Master {
				o.compareReplicas(was.at, n.Name, was)
			}
		}
	}
	since := rec.Now()
	if got := o.missing(since); got != "redis-master-1 has not answered yet" {
		t.Errorf("before anything is known: %q", got)
	}
	tell(nil)
	if got := o.missing(since); got != "" {
		t.Errorf("a whole cluster: %q", got)
	}
	for want, change := range map[string]func(i int, v *view.View){
		"redis-master-2 reports cluster_state:fail":    func(i int, v *view.View) { v.State = map[bool]string{true: "fail", false: "ok"}[i == 1] },
		"redis-replica-3 sees redis-master-1 as pfail": func(i int, v *view.View) { v.Nodes[0].Flag = map[bool]string{true: "pfail", false: "ok"}[i == 5] },
		"redis-replica-3 is not in sync with redis-master-3": func(i int, v *view.View) {
			if i == 2 {
				v.Replication.Replicas = nil
			}
		},
		"shard 2 has no replica, although there are 3 for 3 shards": func(i int, v *view.View) { // replica-3 has gone to master-1
			v.Nodes[5].OfID = seen[0].ID
			switch i {
			case 0:
				v.Replication.Replicas = append(v.Replication.Replicas, view.Replica{Addr: nodes[5].Addr, Online: true})
			case 2:
				v.Replication.Replicas = nil
			}
		},
		"redis-replica-3 is a master, and neither owns slots nor replicates a node that does": func(i int, v *view.View) {
			v.Nodes[5].Master, v.Nodes[5].OfID = true, ""
		},
		"redis-replica-1 and redis-master-1 disagree on the master of shard 0": func(i int, v *view.View) {
			if i == 3 {
				v.Nodes[3].Slots, v.Nodes[0].Slots = seen[0].Slots, nil
			}
		},
	} {
		tell(change)
		if got := o.missing(since); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		tell(nil)
		if got := o.missing(since); got != "" {
			t.Errorf("whole again after %q: %q", want, got)
		}
	}
}

// A replica that has migrated to another shard leaves a whole cluster, as long as every
// shard has one.
func TestAClusterWhoseReplicasMigratedIsWhole(t *testing.T) {
	rec := record.New(record.NewClock(), io.Discard)
	var nodes []compose.Node
	for _, name := range []string{"a", "b", "a1", "a2", "b1", "b2"} {
		nodes = append(nodes, compose.Node{Name: name, ID: "id-" + name, Addr: name, Shard: int(name[0] - 'a'), Replica: len(name) > 1})
	}
	o := newViews(nodes, newIdentities(nodes), rec, Shards(nodes, slots.Equal(2)), slots.Equal(2), topologyPace)
	for role, names := range map[string][]string{"master": {"a", "b"}, "replica of a": {"a1", "a2", "b2"}, "replica of b": {"b1"}} {
		for _, name := range names {
			s := o.last[name]
			s.at, s.state, s.role, s.owners = rec.Now(), "ok", role, []string{"a", "b"}
		}
	}
	o.last["a"].inSync = map[string]bool{"a1": true, "a2": true, "b2": true}
	o.last["b"].inSync = map[string]bool{"b1": true}
	if got := o.missing(0); got != "" {
		t.Errorf("three replicas beside one: %q", got)
	}
	o.last["a"].inSync["b2"] = false // it is still to come
	if got := o.missing(0); got != "b2 is not in sync with a" {
		t.Errorf("%q", got)
	}
}

// A replica is in sync once it has all that its master had when it came online, and
// until it is online no more, however far it is behind.
func TestReplicasInSync(t *testing.T) {
	nodes, _ := sixNodes()
	rec := record.New(record.NewClock(), io.Discard)
	o := newViews(nodes, newIdentities(nodes), rec, Shards(nodes, slots.Equal(3)), slots.Equal(3), topologyPace)
	master, replica := nodes[0], nodes[3]
	was := o.last[master.Name]
	var inSync []bool
	var lag []int64
	for _, step := range []struct {
		offset, acked int64
		online        bool
	}{
		{1000, 0, false}, {2000, 0, true}, {9000, 1999, true}, // behind by 7 KB: a step
		{9500, 2000, true}, {500_000, 9500, true}, {500_000, 490_000, true}, {500_000, 500_000, true}, {600_000, 500_000, false},
	} {
		was.view.Replication = view.Replication{Master: true, Offset: step.offset, Replicas: []view.Replica{{Addr: replica.Addr, Online: step.online, Offset: step.acked}}}
		o.compareReplicas(rec.Now(), master.Name, was)
		inSync = append(inSync, was.inSync[replica.Name])
	}
	for _, e := range rec.Events() {
		if l, ok := e.Data.(*record.Lag); ok {
			lag = append(lag, l.Bytes)
		}
	}
	if want := []bool{false, false, false, true, true, true, true, false}; !slices.Equal(inSync, want) {
		t.Errorf("in sync %v, want %v", inSync, want)
	}
	if want := []int64{7001, 490_500, 10_000, 0}; !slices.Equal(lag, want) {
		t.Errorf("lag %v, want %v", lag, want)
	}
	for bytes, want := range map[int64]int{-1: 0, 4095: 0, 4096: 1, 16<<10 - 1: 1, 16 << 10: 2, 64 << 10: 3, 1 << 20: 5} {
		if got := lagStep(bytes); got != want {
			t.Errorf("%d bytes: step %d, want %d", bytes, got, want)
		}
	}
}

func TestPlaceOfANode(t *testing.T) {
	nodes, _ := sixNodes()
	o := newViews(nodes, newIdentities(nodes), record.New(record.NewClock(), io.Discard), Shards(nodes, slots.Equal(3)), slots.Equal(3), topologyPace)
	const name = "redis-replica-2"
	if got := o.place(name); got != 1 {
		t.Errorf("as formed: %d, want 1", got)
	}
	owners := []string{"redis-master-1", "redis-master-2", "redis-master-3"}
	for _, step := range []struct {
		role string
		want int
	}{{"replica of redis-master-1", 0}, {"replica of redis-replica-1", 0}, {"replica of redis-master-3", 2}, {"master", 2}} {
		o.placed(name, &observed{role: step.role, owners: owners})
		if got := o.place(name); got != step.want {
			t.Errorf("%s: %d, want %d", step.role, got, step.want)
		}
	}
}

func TestClassifyProbeAnswers(t *testing.T) {
	for reply, want := range map[string]answer{
		"+OK":                              {class: "ack"},
		"-MOVED 0 172.30.2.14:6379":        {class: "moved", to: "172.30.2.14:6379"},
		"-CLUSTERDOWN The cluster is down": {class: "clusterdown"},
		"-LOADING Redis is loading the dataset in memory":          {class: "loading"},
		"-ERR max number of clients reached":                       {class: "maxclients"},
		"-ERR max number of clients + cluster connections reached": {class: "maxclients"},
		"-ERR syntax error":                                        {class: "err"},
		"":                                                         {class: "error"},
	} {
		if got := classify(reply); got != want {
			t.Errorf("%q: %+v, want %+v", reply, got, want)
		}
	}
}
