package traffic

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/traffic/nft"
)

// TestDrop cuts one port off in one direction, and nothing else.
func TestDrop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.near.snapshot(t)
	table := w.table(t)
	for _, port := range []uint16{6379, 16379} {
		w.near.listen(t, port)
		w.far.listen(t, port)
	}
	rules := []Rule{{
		ID: "cut", Effect: Effect{Drop: &Drop{}},
		Match: Match{Direction: In, Protocol: TCP, Peers: []netip.Prefix{Peer(far), Peer(far6)}, LocalPorts: []Ports{Port(16379)}},
	}}
	must(t, table.Apply(t.Context(), rules))
	for _, one := range []struct {
		from   *namespace
		to     netip.Addr
		port   uint16
		passes bool
	}{
		{w.far, near, 16379, false},
		{w.far, near6, 16379, false},
		{w.far, near, 6379, true},
		{w.far, near6, 6379, true},
		{w.near, far, 16379, true}, // whose answers come from the remote port
		{w.near, near, 16379, true},
	} {
		conn, err := one.from.dial(one.to, one.port, 300*time.Millisecond)
		if (err == nil) != one.passes || err != nil && !isTimeout(err) {
			t.Errorf("%s port %d: %v, passes is to be %v", one.to, one.port, err, one.passes)
		}
		if err == nil {
			conn.Close()
		}
	}
	s, err := table.Standing(t.Context())
	must(t, err)
	must(t, s.Verify(rules))
	if r, _ := s.Rule("cut"); r.Packets == 0 || r.Mechanism != Nftables || r.Done == nil || r.Done.Packets != r.Packets {
		t.Errorf("standing: %+v", r)
	}
	must(t, table.Clear(t.Context()))
	conn, err := w.far.dial(near, 16379, 5*time.Second)
	must(t, err)
	conn.Close()
	w.near.checkSame(t, before)
}

// TestDropIsSilent: who sends is not told, as nobody is of what is lost on its way.
func TestDropIsSilent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	must(t, table.Apply(t.Context(), []Rule{{ID: "drop", Match: Match{Direction: Out}, Effect: Effect{Drop: &Drop{}}}}))
	got := flow{from: w.near, to: w.far, dest: far, count: 10, wait: 100 * time.Millisecond}.measure(t)
	if len(got) > 0 {
		t.Errorf("%d of 10 came", len(got))
	}
}

func TestReject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	w.near.listen(t, 6379)
	w.far.listen(t, 6379)
	for _, d := range []Direction{In, Out} {
		for with, want := range map[Answer]error{ResetTCP: syscall.ECONNREFUSED, ICMP: syscall.EHOSTUNREACH} {
			must(t, table.Apply(t.Context(), []Rule{{
				ID: "reject", Match: Match{Direction: d, Protocol: TCP, LocalPorts: nil}, Effect: Effect{Reject: &Reject{with}},
			}}))
			from, to := w.far, near
			if d == Out {
				from, to = w.near, far
			}
			if _, err := from.dial(to, 6379, time.Second); !errors.Is(err, want) {
				t.Errorf("%s, %s: %v, want %v", d, with, err, want)
			}
		}
	}
}

// TestRejectResets: a connection that lives is reset with the next packet of whoever sends one, and a new one is
// refused, also where all that a network carries is rejected both ways, with the answers to that.
func TestRejectResets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	w.near.listen(t, 6379)
	w.far.listen(t, 6379)
	type end struct {
		from *namespace
		to   netip.Addr
	}
	ends4 := []end{{w.far, near}, {w.near, far}}
	ends6 := []end{{w.far, near6}, {w.near, far6}}
	subnet := []netip.Prefix{netip.PrefixFrom(near, 24)}
	for _, test := range []struct {
		name    string
		rules   []Match
		ends    []end // by IPv6 only where what finds the neighbours passes
		refused bool  // whoever connects
	}{
		{"in", []Match{{Direction: In}}, ends4, false},
		{"out", []Match{{Direction: Out}}, ends4, false},
		{"both", []Match{{Direction: In}, {Direction: Out}}, ends4, true},
		{"both, of a subnet", []Match{{Direction: In, Peers: subnet}, {Direction: Out, Peers: subnet}}, ends4, true},
		{"both, a port at either end", []Match{
			{Direction: In, LocalPorts: []Ports{Port(6379)}}, {Direction: In, RemotePorts: []Ports{Port(6379)}},
			{Direction: Out, LocalPorts: []Ports{Port(6379)}}, {Direction: Out, RemotePorts: []Ports{Port(6379)}},
		}, append(ends4, ends6...), true},
	} {
		open := make([]net.Conn, len(test.ends))
		for i, end := range test.ends {
			conn, err := end.from.dial(end.to, 6379, time.Second)
			must(t, err)
			defer conn.Close()
			open[i] = conn
		}
		var rules []Rule
		for i, m := range test.rules {
			rules = append(rules, Rule{ID: fmt.Sprint(i), Match: m, Effect: Effect{Reject: &Reject{ResetTCP}}})
		}
		must(t, table.Apply(t.Context(), rules))
		for i, end := range test.ends {
			if _, err := roundTrip(open[i], 3*time.Second); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%s: a connection to %s: %v, want a reset", test.name, end.to, err)
			}
			if !test.refused {
				continue
			}
			if _, err := end.from.dial(end.to, 6379, 3*time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("%s: connecting to %s: %v, want it refused", test.name, end.to, err)
			}
		}
		must(t, table.Clear(t.Context()))
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	w.near.listen(t, 6379)
	w.near.listen(t, 16379)
	for _, to := range []netip.Addr{near, near6} {
		client, err := w.far.dial(to, 6379, time.Second)
		must(t, err)
		defer client.Close()
		bus, err := w.far.dial(to, 16379, time.Second)
		must(t, err)
		defer bus.Close()
		peer := far
		if to.Is6() {
			peer = far6
		}
		if _, err := roundTrip(client, time.Second); err != nil {
			t.Fatal(err)
		}
		ended, err := table.Reset(t.Context(), Match{Peers: []netip.Prefix{Peer(peer)}, LocalPorts: []Ports{Port(6379)}})
		must(t, err)
		if len(ended) != 1 || ended[0].Local != netip.AddrPortFrom(to, 6379) {
			t.Errorf("ended %v", ended)
		}
		if _, err := roundTrip(client, time.Second); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("%v, want a reset", err)
		}
		if _, err := roundTrip(bus, time.Second); err != nil {
			t.Errorf("the other port: %v", err)
		}
		again, err := w.far.dial(to, 6379, time.Second)
		must(t, err)
		again.Close()
	}
}

// within says how far a share of n may be from what is asked: five standard deviations of the
// binomial distribution, which are exceeded once in 1.7 million times.
func within(t *testing.T, what string, lost, n int, want float64) {
	t.Helper()
	got := float64(lost) / float64(n)
	bound := 5 * math.Sqrt(want*(1-want)/float64(n))
	t.Logf("%s: %.4f of %d, asked for %.4f ± %.4f", what, got, n, want, bound)
	if math.Abs(got-want) > bound {
		t.Errorf("%s: %.4f of %d, want %.4f ± %.4f", what, got, n, want, bound)
	}
}

func TestLoss(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	const count = 5000
	for _, d := range []Direction{In, Out} {
		for _, p := range []float64{0.02, 0.3} {
			rules := []Rule{{
				ID: "loss", Match: Match{Direction: d, Protocol: UDP}, Effect: Effect{Loss: &Loss{Probability: p}},
			}}
			must(t, table.Apply(t.Context(), rules))
			f := flow{from: w.far, to: w.near, dest: near}
			if d == Out {
				f.from, f.to, f.dest = w.near, w.far, far
			}
			f.count, f.every, f.wait = count, 50*time.Microsecond, 200*time.Millisecond
			lost := count - len(f.measure(t))
			within(t, string(d), lost, count, p)
			// What stands when another rule comes goes on counting.
			must(t, table.Apply(t.Context(), append(rules, Rule{ID: "other", Match: Match{Direction: d, Protocol: TCP}, Effect: Effect{Drop: &Drop{}}})))
			s, err := table.Standing(t.Context())
			must(t, err)
			if r, _ := s.Rule("loss"); r.Packets < count || r.Done == nil || r.Done.Packets < uint64(lost) || r.Done.Packets > uint64(lost)+r.Packets-count {
				t.Errorf("%s: %d of %d were lost, counted %+v of %d", d, lost, count, r.Done, r.Packets)
			}
		}
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.near.snapshot(t)
	can, err := w.table(t).Capabilities(t.Context())
	must(t, err)
	for _, c := range can {
		t.Logf("%-16s %-4s %-12s %s", c.Kind, c.Direction, c.Mechanism, c.Why)
		if c.Mechanism == "" && c.Why == "" {
			t.Errorf("%s %s: neither a mechanism nor why", c.Kind, c.Direction)
		}
	}
	w.near.checkSame(t, before)
}

// TestForeign: what somebody else has in nftables stays.
func TestForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.near.inside(func() error {
		var theirs nft.Transaction
		chain := nft.BaseChain{Family: nft.INet, Table: "theirs", Name: "in", Hook: unix.NF_INET_LOCAL_IN}
		theirs.AddTable(chain.Family, chain.Table)
		theirs.AddChain(chain)
		theirs.AddRule(chain, nft.Rule{Exprs: []expr.Any{&expr.Meta{Key: expr.MetaKeyIIF, Register: 1}}, Comment: "theirs"})
		return theirs.Commit()
	}))
	before := w.near.snapshot(t)
	table := w.table(t)
	must(t, table.Apply(t.Context(), []Rule{{ID: "drop", Match: Match{Direction: In}, Effect: Effect{Drop: &Drop{}}}}))
	if !strings.Contains(w.near.snapshot(t), tableName) {
		t.Error("nothing was added")
	}
	must(t, table.Clear(t.Context()))
	w.near.checkSame(t, before)
}
