package traffic

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

// throughput is what a connection to a port got through, in bytes per second: counted from when the
// first 200 ms are over, in which what is let through at once comes.
func (n *namespace) throughput(t testing.TB, to *namespace, addr netip.Addr, port uint16, of time.Duration) float64 {
	t.Helper()
	var l net.Listener
	must(t, to.inside(func() (err error) {
		l, err = net.Listen("tcp", netip.AddrPortFrom(addr, port).String())
		return err
	}))
	defer l.Close()
	conn, err := n.dial(addr, port, 5*time.Second)
	must(t, err)
	peer, err := l.Accept()
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 64<<10)
		for {
			if _, err := conn.Write(b); err != nil {
				return
			}
		}
	}()
	defer func() {
		conn.Close()
		peer.Close()
		<-done
	}()
	b := make([]byte, 256<<10)
	began := time.Now()
	var counted time.Time
	bytes := 0
	for time.Since(began) < of {
		peer.SetReadDeadline(time.Now().Add(5 * time.Second))
		read, err := peer.Read(b)
		if err == io.EOF {
			break
		}
		must(t, err)
		if counted.IsZero() {
			if time.Since(began) > 200*time.Millisecond {
				counted = time.Now()
			}
			continue
		}
		bytes += read
	}
	return float64(bytes) / time.Since(counted).Seconds()
}

// TestBandwidth limits one port, and finds another one as fast as before.
func TestBandwidth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.near.snapshot(t)
	table := w.table(t)
	const rate = 2 << 20
	for _, d := range []Direction{In, Out} {
		from, to, addr := w.far, w.near, near
		if d == Out {
			from, to, addr = w.near, w.far, far
		}
		one := Match{Direction: d, Protocol: TCP, Peers: []netip.Prefix{Peer(far)}, LocalPorts: []Ports{Port(6379)}}
		if d == Out {
			one.LocalPorts, one.RemotePorts = nil, []Ports{Port(6379)}
		}
		all := one
		all.LocalPorts, all.RemotePorts = nil, nil
		limit := func(id string, m Match, bytes int64) Rule {
			return Rule{ID: id, Match: m, Effect: Effect{Bandwidth: &Bandwidth{BytesPerSecond: bytes}}}
		}
		for _, test := range []struct {
			rules []Rule
			by    Mechanism
		}{
			{[]Rule{limit("narrow", one, rate)}, Qdisc},
			{[]Rule{limit("narrow", one, rate), limit("wide", all, 100*rate)}, Queue}, // as both are for the same packets
		} {
			must(t, table.Apply(t.Context(), test.rules))
			s, err := table.Standing(t.Context())
			must(t, err)
			must(t, s.Verify(test.rules))
			if r, _ := s.Rule("narrow"); r.Mechanism != test.by {
				t.Errorf("%s: by %s, want %s", d, r.Mechanism, test.by)
			}
			limited := from.throughput(t, to, addr, 6379, 2*time.Second)
			other := from.throughput(t, to, addr, 6380, 500*time.Millisecond)
			t.Logf("%s by %s: asked for %d B/s, got %.0f (%+.1f %%); another port %.0f",
				d, test.by, rate, limited, 100*(limited/rate-1), other)
			if limited > 1.1*rate || limited < 0.7*rate {
				t.Errorf("%s by %s: %.0f B/s, want %d", d, test.by, limited, rate)
			}
			if other < 2*rate {
				t.Errorf("%s by %s: the other port has %.0f B/s", d, test.by, other)
			}
			if done := doneBy(t, table, "narrow"); done.Packets == 0 || float64(done.Bytes) < limited {
				t.Errorf("%s by %s: %.0f B/s, counted %+v", d, test.by, limited, done)
			}
		}
	}
	must(t, table.Clear(t.Context()))
	w.near.checkSame(t, before)
	s, err := table.Standing(t.Context())
	must(t, err)
	must(t, s.Verify(nil))
}

// TestForeignQdisc: where somebody else has a qdisc, it stays, and the limit is a queue's.
func TestForeignQdisc(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.near.inside(func() error {
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		return netlink.QdiscAdd(&netlink.Tbf{
			QdiscAttrs: netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT},
			Rate:       1 << 30, Buffer: 1 << 20, Limit: 1 << 20,
		})
	}))
	before := w.near.snapshot(t)
	table := w.table(t)
	rules := []Rule{{ID: "narrow", Match: Match{Direction: Out}, Effect: Effect{Bandwidth: &Bandwidth{BytesPerSecond: 1 << 20}}}}
	must(t, table.Apply(t.Context(), rules))
	s, err := table.Standing(t.Context())
	must(t, err)
	must(t, s.Verify(rules))
	if r, _ := s.Rule("narrow"); r.Mechanism != Queue {
		t.Errorf("by %s, want %s", r.Mechanism, Queue)
	}
	must(t, table.Clear(t.Context()))
	w.near.checkSame(t, before)
}

// TestClassesStay: a limit that stays is not touched when another one comes or goes.
func TestClassesStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := w.table(t)
	limit := func(port uint16) Rule {
		return Rule{
			ID: "narrow-" + string(rune('a'+port%26)), Match: Match{Direction: In, Protocol: TCP, LocalPorts: []Ports{Port(port)}},
			Effect: Effect{Bandwidth: &Bandwidth{BytesPerSecond: 1 << 20}},
		}
	}
	for _, rules := range [][]Rule{{limit(1)}, {limit(1), limit(2)}, {limit(2)}, {limit(1)}} {
		must(t, table.Apply(t.Context(), rules))
		s, err := table.Standing(t.Context())
		must(t, err)
		must(t, s.Verify(rules))
		must(t, w.near.inside(func() error {
			found, err := limits()
			for _, l := range found {
				classes := 0
				if l.direction == In {
					classes = len(rules)
				}
				if len(l.classes) != classes {
					t.Errorf("%d rules: %s has %d classes for packets %s", len(rules), l.name, len(l.classes), l.direction)
				}
			}
			return err
		}))
	}
}
