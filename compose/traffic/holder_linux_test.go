package traffic

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// both are datagrams to the near namespace, and from it.
func (w *world) both(f flow) map[Direction]flow {
	in, out := f, f
	in.from, in.to, in.dest = w.far, w.near, near
	out.from, out.to, out.dest = w.near, w.far, far
	return map[Direction]flow{In: in, Out: out}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	for d, f := range w.both(flow{count: 200, every: 2 * time.Millisecond, wait: 300 * time.Millisecond}) {
		base := median(f.measure(t))
		for _, delay := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
			must(t, table.Apply(t.Context(), []Rule{{
				ID: "slow", Match: Match{Direction: d, Protocol: UDP, Peers: []netip.Prefix{Peer(far)}},
				Effect: Effect{Latency: &Latency{Delay: delay}},
			}}))
			got := f.measure(t)
			extra := median(got) - base
			t.Logf("%s: asked for %v, got %v (median)", d, delay, extra)
			if len(got) != f.count {
				t.Errorf("%s, %v: %d of %d came", d, delay, len(got), f.count)
			}
			done := doneBy(t, table, "slow")
			if done.Held == nil {
				continue // where netem does it
			}
			if done.Packets != uint64(f.count) || done.Held.Least < delay || done.Held.Most < done.Held.Least || done.Held.Sum < time.Duration(f.count)*delay {
				t.Errorf("%s, %v: counted %+v, %+v", d, delay, done, *done.Held)
			}
			if extra < delay-time.Millisecond || extra > 2*delay+20*time.Millisecond {
				t.Errorf("%s: asked for %v, got %v", d, delay, extra)
			}
			if !slices.IsSortedFunc(got, func(a, b arrival) int { return a.number - b.number }) {
				t.Errorf("%s, %v: not in order", d, delay)
			}
		}
		must(t, table.Clear(t.Context()))
	}
}

// TestLatencyOfOnePort: the bus is slow, and the clients' port is not.
func TestLatencyOfOnePort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.near.snapshot(t)
	table := w.table(t)
	const delay = 200 * time.Millisecond
	w.near.listen(t, 6379)
	w.near.listen(t, 16379)
	rules := []Rule{{
		ID: "slow-bus", Match: Match{Direction: Out, Protocol: TCP, LocalPorts: []Ports{Port(16379)}},
		Effect: Effect{Latency: &Latency{Delay: delay}},
	}}
	must(t, table.Apply(t.Context(), rules))
	for port, slow := range map[uint16]bool{6379: false, 16379: true} {
		for _, to := range []netip.Addr{near, near6} {
			conn, err := w.far.dial(to, port, 5*time.Second)
			must(t, err)
			took, err := roundTrip(conn, 5*time.Second)
			must(t, err)
			conn.Close()
			if (took >= delay-time.Millisecond) != slow {
				t.Errorf("%s port %d: %v", to, port, took)
			}
		}
	}
	s, err := table.Standing(t.Context())
	must(t, err)
	must(t, s.Verify(rules))
	must(t, table.Clear(t.Context()))
	w.near.checkSame(t, before)
}

// TestFates: copies, packets that are held back, bytes that are changed, bursts.
func TestFates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	const count = 3000
	for d, f := range w.both(flow{count: count, every: 100 * time.Microsecond, wait: 300 * time.Millisecond, size: 100}) {
		with := func(e Effect) []arrival {
			t.Helper()
			must(t, table.Apply(t.Context(), []Rule{{ID: "fate", Match: Match{Direction: d, Protocol: UDP}, Effect: e}}))
			return f.measure(t)
		}
		counted := func(is int) {
			t.Helper()
			if done := doneBy(t, table, "fate"); done.Packets != uint64(is) {
				t.Errorf("%s: counted %+v, %d arrived so", d, done, is)
			}
		}
		got := with(Effect{Duplication: &Duplication{Probability: 0.1}})
		counted(len(got) - count)
		within(t, fmt.Sprintf("%s: duplicates", d), len(got)-count, count, 0.1)

		got = with(Effect{Corruption: &Corruption{Probability: 0.1}})
		counted(count - len(got))
		within(t, fmt.Sprintf("%s: refused for their checksum", d), count-len(got), count, 0.1)

		got = with(Effect{Reordering: &Reordering{Probability: 0.05, Hold: 20 * time.Millisecond}})
		late := 0
		for i, a := range got {
			if i > 0 && a.number < slices.MaxFunc(got[:i], func(a, b arrival) int { return a.number - b.number }).number {
				late++
			}
		}
		if len(got) != count {
			t.Errorf("%s: %d of %d came", d, len(got), count)
		}
		within(t, fmt.Sprintf("%s: overtaken", d), late, count, 0.05)

		g := GilbertElliott{ToBad: 0.02, ToGood: 0.2, LossBad: 1}
		got = with(Effect{Loss: &Loss{Bursts: &g}})
		counted(count - len(got))
		bursts, last := 0, -1
		for _, a := range got {
			if a.number > last+1 {
				bursts++
			}
			last = a.number
		}
		lost := count - len(got)
		t.Logf("%s: %d lost in %d bursts, %.4f of %d, asked for %.4f in bursts of %.1f", d, lost, bursts,
			float64(lost)/count, count, g.Share(), 1/g.ToGood)
		if mean := float64(lost) / float64(bursts); math.Abs(mean-1/g.ToGood) > 2.5 {
			t.Errorf("%s: a burst lost %.1f packets, want %.1f", d, mean, 1/g.ToGood)
		}
	}
}

// doneBy is what a rule has done.
func doneBy(t *testing.T, table *Table, id string) Done {
	t.Helper()
	s, err := table.Standing(t.Context())
	must(t, err)
	r, ok := s.Rule(id)
	if !ok || r.Done == nil {
		t.Fatalf("rule %s: %+v", id, r)
	}
	return *r.Done
}

// TestCopiesOfIPv6: a copy is a packet of its own, which is sent by another kind of socket.
func TestCopiesOfIPv6(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	for d, f := range w.both(flow{count: 20, wait: 100 * time.Millisecond}) {
		f.dest = near6
		if d == Out {
			f.dest = far6
		}
		must(t, table.Apply(t.Context(), []Rule{{
			ID: "twice", Match: Match{Direction: d, Protocol: UDP, Peers: []netip.Prefix{Peer(far6)}},
			Effect: Effect{Duplication: &Duplication{Probability: 1}},
		}}))
		if got := f.measure(t); len(got) != 2*f.count {
			t.Errorf("%s: %d came of %d that were sent twice", d, len(got), f.count)
		}
	}
}

// TestMissedPackets: what comes while nobody reads the queue is lost where that is full, and counted.
func TestMissedPackets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	must(t, table.Apply(t.Context(), []Rule{{ID: "slow", Match: Match{Direction: In, Protocol: UDP}, Effect: Effect{Latency: &Latency{Delay: time.Millisecond}}}}))
	if done := doneBy(t, table, "slow"); done.Missed > 0 {
		t.Errorf("before: %+v", done)
	}
	stalled := table.holders[In]
	stalled.mu.Lock() // as a thread that is not run
	f := flow{from: w.far, to: w.near, dest: near, count: maxHeld + 1000, wait: time.Millisecond}
	got := len(f.measure(t))
	stalled.mu.Unlock()
	if done := doneBy(t, table, "slow"); got > 0 || done.Missed < 1000 {
		t.Errorf("%d came, and %+v", got, done)
	}
}

func TestParseQueues(t *testing.T) {
	t.Parallel()
	const text = "29287   4711     3 2 65531     4     5        9  1\n29288  -1234     0 2 65531     0     0        0  1\nnone\n"
	if got, want := parseQueues(text), map[uint16]uint64{29287: 9, 29288: 0}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestApplyAgain: rules can be added and removed while others hold packets back.
func TestApplyAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	w.near.listen(t, 6379)
	conn, err := w.far.dial(near, 6379, time.Second)
	must(t, err)
	defer conn.Close()
	slow := Rule{ID: "slow", Match: Match{Direction: In}, Effect: Effect{Latency: &Latency{Delay: 50 * time.Millisecond}}}
	slower := Rule{ID: "slower", Match: Match{Direction: In, Protocol: TCP}, Effect: Effect{Latency: &Latency{Delay: 100 * time.Millisecond}}}
	for _, one := range []struct {
		rules    []Rule
		at, less time.Duration
	}{
		{[]Rule{slow}, 50 * time.Millisecond, 150 * time.Millisecond},
		{[]Rule{slow, slower}, 150 * time.Millisecond, time.Second},
		{[]Rule{slow, slower}, 150 * time.Millisecond, time.Second},
		{nil, 0, 50 * time.Millisecond},
	} {
		must(t, table.Apply(t.Context(), one.rules))
		fastest := time.Hour
		for range 5 {
			took, err := roundTrip(conn, 5*time.Second)
			must(t, err)
			fastest = min(fastest, took)
		}
		if fastest < one.at || fastest > one.less {
			t.Errorf("%d rules: a round trip of %v, want %v to %v", len(one.rules), fastest, one.at, one.less)
		}
	}
}
