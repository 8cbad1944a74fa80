package faulttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/observe"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Effect is what a fault does to a server of a real cluster, and how that is seen.
type Effect struct {
	// Kind is the fault's name in a scenario, and Fault it with its settings.
	Kind  string
	Fault chaos.Fault
	// Replica has it done to a replica, and not to a master.
	Replica bool
	// Begin is done before the fault; nil is nothing.
	Begin func(s *Subject)
	// Shows says what is measured of the effect while the fault is in force: "no answer for 300 ms".
	// It fails the test where there is none.
	Shows func(s *Subject) string
}

// Subject is a node that a fault is done to, in its cluster.
type Subject struct {
	*testing.T
	compose.Cluster
	Node compose.Node
	// Targets are all nodes that it is done to.
	Targets []string
	// Before is what the node said of itself before the fault.
	Before Info
	// Fault is what is done to it.
	Fault chaos.Fault
	// Injected is when it was asked for.
	Injected time.Time
}

// patience is how long what must happen may take on a busy machine.
const patience = 30 * time.Second

// on does the fault to a node of a cluster, and says what brought it about, as far as that is told, and what it
// showed.
func (e Effect) on(t *testing.T, c compose.Cluster) (by, shown string) {
	f := e.Fault
	node := pick(t, c, e.Replica)
	targets := []string{node.Name}
	if d, ok := f.(chaos.Dividing); ok {
		found := find(t, f, c)
		f, targets, node = d.Among(found), found.Nodes, named(c, found.Nodes[0])
	}
	s := &Subject{T: t, Cluster: c, Node: node, Targets: targets, Before: InfoOf(t, c, node.Addr)}
	if e.Begin != nil {
		e.Begin(s)
	}
	if d, ok := f.(chaos.Drawing); ok {
		f = d.Drawn(1)
	}
	of := make([]chaos.Fault, len(targets))
	for i := range of {
		of[i] = f
		if p, ok := f.(chaos.Preparing); ok {
			var err error
			if of[i], err = p.Prepare(t.Context(), c, targets[i]); err != nil {
				t.Fatalf("preparing: %v", err)
			}
		}
	}
	f = of[0]
	onTargets := func(do func(f chaos.Fault, node string) error) error {
		return errors.Join(compose.AtOnce(len(targets), func(i int) error { return do(of[i], targets[i]) })...)
	}
	seen, err := c.Watch(t.Context())
	if err != nil {
		t.Fatalf("watching: %v", err)
	}
	lasting, over := context.WithCancel(t.Context())
	var sustaining sync.WaitGroup
	defer func() {
		over()
		sustaining.Wait()
		heal, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		undo := func(f chaos.Fault, node string) error {
			_, err := chaos.Undo(heal, f, c, node)
			return err
		}
		if err := onTargets(undo); err != nil {
			t.Errorf("healing: %v", err)
		}
		if err := onTargets(undo); err != nil {
			t.Errorf("healing what is well: %v", err)
		}
		for _, f := range of {
			checkMeasured(t, f)
		}
		AwaitWhole(t, c)
	}()
	s.Fault, s.Injected = f, time.Now()
	inject := func(f chaos.Fault, node string) error { return f.Inject(t.Context(), c, node) }
	if err := onTargets(inject); err != nil {
		t.Fatalf("injecting: %v", err)
	}
	if told, ok := f.(chaos.Enforced); ok {
		by = told.By(c, node.Name)
	}
	if k, ok := f.(chaos.Sustained); ok {
		sustaining.Go(func() {
			if err := k.Sustain(lasting, c, node.Name); err != nil && lasting.Err() == nil {
				t.Errorf("keeping it up: %v", err)
			}
		})
	}
	shown = e.Shows(s)
	if v, ok := f.(chaos.Verifying); ok && !isMomentary(f) {
		Eventually(t, "the fault is seen to be in force", func() error {
			if v.Healthy(t.Context(), c, node.Name) == nil {
				return errors.New("its target counts as healed")
			}
			return nil
		})
	}
	if signed, ok := f.(chaos.Signed); ok {
		awaitSigns(t, seen, node.Name, signed.Effective())
	}
	return by, shown
}

// checkMeasured has a fault that was healed tell what it did, if it is one that counts that.
func checkMeasured(t *testing.T, f chaos.Fault) {
	t.Helper()
	told, ok := f.(chaos.Telling)
	if !ok || told.Outcome() == nil {
		return
	}
	for _, m := range told.Outcome().Measures {
		text, err := json.Marshal(m)
		if err != nil {
			t.Error(err)
		}
		t.Logf("measured: %s", text)
		switch {
		case m.Count == nil && m.Spent == nil && m.Mean == nil:
			t.Errorf("nothing was measured: %s", m.Why)
		case m.Did == record.DidDelay && m.Why == "" && *m.Count > 0 && *m.Least < *m.Asked.Delay:
			t.Errorf("held back for less than was asked for: %s", text)
		}
	}
}

func isMomentary(f chaos.Fault) bool {
	_, ok := f.(scenarios.Momentary)
	return ok
}

// find finds the targets of a fault between groups.
func find(t *testing.T, f chaos.Fault, c compose.Cluster) aim.Targets {
	t.Helper()
	topology, err := observe.CurrentTopology(t.Context(), c, slots.Equal(masters))
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Targets().Find(topology, aim.Draw{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// named is a node by its name.
func named(c compose.Servers, name string) compose.Node {
	return c.Nodes()[slices.IndexFunc(c.Nodes(), func(n compose.Node) bool { return n.Name == name })]
}

// awaitSigns waits until the runtime has reported what shows that a fault has taken hold of a node.
func awaitSigns(t *testing.T, seen <-chan compose.Happening, node string, signs []chaos.Sign) {
	t.Helper()
	late := time.After(patience)
	for len(signs) > 0 {
		select {
		case h := <-seen:
			signs = slices.DeleteFunc(slices.Clone(signs), func(s chaos.Sign) bool {
				return h.Node == node && h.Action == s.Action && h.Network == s.Network
			})
		case <-late:
			t.Fatalf("the runtime did not report %v", signs)
		}
	}
}

// pick is a node of a role, as the cluster is by now.
func pick(t *testing.T, c compose.Cluster, replica bool) compose.Node {
	t.Helper()
	for _, n := range c.Nodes() {
		if v := viewOf(t, c, n.Addr); v.Replication.Master != replica {
			return n
		}
	}
	t.Fatalf("no node is a replica: %t", replica)
	return compose.Node{}
}

func viewOf(t testing.TB, c compose.Servers, addr string) view.View {
	t.Helper()
	client := compose.DirectClient(c, addr, patience)
	defer client.Close()
	v, err := view.Fetch(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// AwaitWhole waits until every node sees all the others well, and replicas are in sync.
func AwaitWhole(t *testing.T, c compose.Cluster) {
	t.Helper()
	for _, n := range c.Nodes() {
		Eventually(t, n.Name+" sees the cluster whole", func() error { return whole(c, n, len(c.Nodes())) })
	}
}

func whole(c compose.Servers, n compose.Node, nodes int) error {
	const patience = time.Second
	client := compose.DirectClient(c, n.Addr, patience)
	defer client.Close()
	v, err := view.Fetch(context.Background(), client)
	if err != nil {
		return err
	}
	if v.State != "ok" || len(v.Nodes) != nodes || v.Persistence.Loading || !v.Replication.Master && !v.Replication.LinkUp {
		return fmt.Errorf("state %s, %d nodes, loading: %t, link up: %t", v.State, len(v.Nodes), v.Persistence.Loading, v.Replication.LinkUp)
	}
	for _, other := range v.Nodes {
		if other.Flag != "ok" || !other.LinkUp {
			return fmt.Errorf("%s is %s, link up: %t", other.Addr, other.Flag, other.LinkUp)
		}
		if !other.Master && other.OfID == "" || other.Master && len(other.Slots) == 0 {
			return fmt.Errorf("%s has no slots and no master", other.Addr)
		}
	}
	return nil
}

// Eventually waits until something is so.
func Eventually(t testing.TB, what string, f func() error) (took time.Duration) {
	t.Helper()
	began := time.Now()
	for {
		err := f()
		if took = time.Since(began); err == nil {
			return took
		}
		if took > patience {
			t.Fatalf("%s: not within %s: %v", what, patience, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Ask sends a command to the node.
func (s *Subject) Ask(words ...any) (any, error) {
	client := compose.DirectClient(s, s.Node.Addr, patience)
	defer client.Close()
	return client.Do(s.Context(), words...).Result()
}

// MustAsk is Ask of a command that must not fail.
func (s *Subject) MustAsk(words ...any) string {
	s.Helper()
	answer, err := s.Ask(words...)
	if err != nil {
		s.Fatalf("%v: %v", words, err)
	}
	return fmt.Sprint(answer)
}

// Key is a key that the node owns. A node that has just started says so only when it has heard of the others.
func (s *Subject) Key() (key string) {
	s.Helper()
	Eventually(s, "the node owns a key", func() error {
		for i := range 1000 {
			key = fmt.Sprintf("key-%d", i)
			_, err := s.Ask("EXISTS", key)
			switch {
			case err == nil || strings.HasPrefix(err.Error(), "ASK"):
				return nil
			case !strings.HasPrefix(err.Error(), "MOVED"):
				return err
			}
		}
		return errors.New("it owns none of 1000 keys")
	})
	return key
}

// silence is for how long a node has to be silent to count as that.
const silence = 300 * time.Millisecond

// MustBeSilent fails the test if the node answers a command within 300 ms.
func (s *Subject) MustBeSilent(words ...any) string {
	s.Helper()
	client := compose.DirectClient(s, s.Node.Addr, silence)
	defer client.Close()
	if answer, err := client.Do(s.Context(), words...).Result(); err == nil || IsAnswer(err) {
		s.Errorf("%v is answered: %v, %v", words, answer, err)
	}
	return fmt.Sprintf("%v: no answer within %d ms", words[0], silence.Milliseconds())
}

// IsAnswer tells whether an error is what a server answered.
func IsAnswer(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer)
}

// AwaitGone waits until the node takes no connection, and says when that was.
func (s *Subject) AwaitGone() string {
	s.Helper()
	Eventually(s.T, "nothing listens", func() error {
		ctx, cancel := context.WithTimeout(s.Context(), silence)
		defer cancel()
		conn, err := s.Dial(ctx, "tcp", s.Node.Addr)
		if err != nil {
			return nil
		}
		conn.Close()
		return fmt.Errorf("it takes connections")
	})
	return fmt.Sprintf("nothing listens after %d ms", time.Since(s.Injected).Milliseconds())
}

// Info is the fields of INFO.
type Info map[string]string

// InfoOf asks a node for all of INFO.
func InfoOf(t testing.TB, c compose.Servers, addr string) Info {
	t.Helper()
	client := compose.DirectClient(c, addr, patience)
	defer client.Close()
	text, err := client.Info(t.Context(), "everything").Result()
	if err != nil {
		t.Fatal(err)
	}
	return parseInfo(text)
}

func parseInfo(text string) Info {
	info := Info{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}

// Info is what the node says of itself now.
func (s *Subject) Info() Info { s.Helper(); return InfoOf(s, s, s.Node.Addr) }

// AwaitChange waits until a field of INFO is another one than before the fault, and says how.
func (s *Subject) AwaitChange(field string) string {
	s.Helper()
	var now string
	Eventually(s, field+" changes", func() error {
		if now = s.Info()[field]; now == s.Before[field] {
			return fmt.Errorf("it is %s", now)
		}
		return nil
	})
	return fmt.Sprintf("%s: %s, then %s", field, s.Before[field], now)
}

// AwaitRestart waits until the node answers as another process than before, and says when that was.
func (s *Subject) AwaitRestart() string {
	s.Helper()
	took := Eventually(s, "another process answers", func() error {
		const patience = 200 * time.Millisecond
		client := compose.DirectClient(s, s.Node.Addr, patience)
		defer client.Close()
		text, err := client.Info(s.Context(), "server").Result()
		if err != nil {
			return err
		}
		if id := parseInfo(text)["run_id"]; id != s.Before["run_id"] {
			s.Before["run_id"] = id
			return nil
		}
		return fmt.Errorf("the same process answers")
	})
	return fmt.Sprintf("another process answers after %d ms", took.Milliseconds())
}

// AwaitUnreachable waits until the node is reached no more.
func (s *Subject) AwaitUnreachable() string {
	s.Helper()
	Eventually(s, "nothing is reached", func() error {
		client := compose.DirectClient(s, s.Node.Addr, silence)
		defer client.Close()
		if err := client.Ping(s.Context()).Err(); err == nil {
			return fmt.Errorf("it answers")
		}
		return nil
	})
	return fmt.Sprintf("not reached after %d ms", time.Since(s.Injected).Milliseconds())
}

// MeasureCPU has the server work for so long as it thinks, and says what share of a CPU it got for that.
func (s *Subject) MeasureCPU(work time.Duration) string {
	s.Helper()
	began := time.Now()
	before := s.cpu()
	for time.Since(began) < 3*time.Second && s.cpu()-before < work {
		s.MustAsk("EVAL", "for i = 1, 1000000 do end return 1", "0")
	}
	share := float64(s.cpu()-before) / float64(time.Since(began))
	if share > 0.5 {
		s.Errorf("it got %.0f%% of a CPU", 100*share)
	}
	return fmt.Sprintf("%.1f%% of a CPU for a server that has work to do", 100*share)
}

// cpu is how much CPU time the server has used.
func (s *Subject) cpu() time.Duration {
	var sum float64
	info := s.Info()
	for _, field := range []string{"used_cpu_sys", "used_cpu_user"} {
		var seconds float64
		fmt.Sscan(info[field], &seconds)
		sum += seconds
	}
	return time.Duration(sum * float64(time.Second))
}
