package traffic

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"
)

// engine is what a Table and a Client both are.
type engine interface {
	Capabilities(context.Context) (Capabilities, error)
	Apply(context.Context, []Rule) error
	Standing(context.Context) (Standing, error)
	Reset(context.Context, Match) ([]Connection, error)
	Clear(context.Context) error
	Close() error
}

var _, _ engine = (*Table)(nil), (*Client)(nil)

const serving = "TRAFFIC_TEST_SERVES"

// TestMain: with the variable set, the test's own program serves.
func TestMain(m *testing.M) {
	if os.Getenv(serving) == "" {
		os.Exit(m.Run())
	}
	if err := Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

// process serves in a namespace.
type process struct {
	*Client
	command *exec.Cmd
	errors  bytes.Buffer
}

func (n *namespace) serve(t testing.TB, onClose OnClose) *process {
	t.Helper()
	p := &process{command: exec.Command("/proc/self/exe")}
	p.command.Env = append(os.Environ(), serving+"=1")
	p.command.Stderr = &p.errors
	requests, err := p.command.StdinPipe()
	must(t, err)
	answers, out, err := os.Pipe() // which Wait does not close
	must(t, err)
	t.Cleanup(func() { answers.Close() })
	p.command.Stdout = out
	must(t, n.inside(p.command.Start))
	out.Close()
	p.Client, err = NewClient(t.Context(), requests, answers, onClose)
	must(t, err)
	return p
}

// end closes the client, and says what the process has to say.
func (p *process) end(t testing.TB) {
	t.Helper()
	must(t, p.Close())
	if err := p.command.Wait(); err != nil {
		t.Errorf("serving: %v: %s", err, p.errors.String())
	}
}

// everything has a rule of every kind and mechanism.
func everything() []Rule {
	var rules []Rule
	for _, d := range []Direction{In, Out} {
		for _, e := range []Effect{
			{Loss: &Loss{Probability: 0.001}},
			{Loss: &Loss{Bursts: &GilbertElliott{ToBad: 0.001, ToGood: 0.9, LossBad: 1}}},
			{Latency: &Latency{Delay: 50 * time.Millisecond, Jitter: time.Millisecond, Distribution: Pareto, Correlation: 0.3}},
			{Duplication: &Duplication{Probability: 0.001}},
			{Corruption: &Corruption{Probability: 0.001}},
			{Reordering: &Reordering{Probability: 0.001, Hold: time.Millisecond}},
			{Bandwidth: &Bandwidth{BytesPerSecond: 10 << 20}},
		} {
			rules = append(rules, Rule{
				ID: string(d) + "-" + string(e.Kind()), Effect: e,
				Match: Match{Direction: d, Protocol: TCP, Peers: []netip.Prefix{Peer(far), netip.MustParsePrefix("fd77::/64")}},
			})
		}
		rules = append(rules,
			Rule{ID: string(d) + "-drop", Effect: Effect{Drop: &Drop{}}, Match: Match{Direction: d, Protocol: UDP, LocalPorts: []Ports{{1, 99}}}},
			Rule{ID: string(d) + "-reject", Effect: Effect{Reject: &Reject{ResetTCP}}, Match: Match{Direction: d, RemotePorts: []Ports{{1, 99}}}})
	}
	return rules
}

func TestServe(t *testing.T) {
	t.Parallel()
	for _, onClose := range []OnClose{Clears, Keeps} {
		w := newWorld(t)
		before := w.near.snapshot(t)
		w.near.listen(t, 6379)
		p := w.near.serve(t, onClose)
		rules := everything()
		must(t, p.Apply(t.Context(), rules))
		is, err := p.Standing(t.Context())
		must(t, err)
		must(t, is.Verify(rules))

		table := w.table(t)
		same, err := table.Standing(t.Context())
		must(t, err)
		for i, r := range is.Rules {
			if (r.Mechanism == Queue) != (same.Rules[i].Done == nil && same.Rules[i].Uncounted != "") || r.Done == nil {
				t.Errorf("counted by the process %+v, by another one %+v", r, same.Rules[i])
			}
			is.Rules[i].Done, is.Rules[i].Uncounted = same.Rules[i].Done, same.Rules[i].Uncounted
		}
		if !reflect.DeepEqual(same, is) {
			t.Errorf("the process says %+v stands, and the kernel %+v", is, same)
		}
		can, err := table.Capabilities(t.Context())
		must(t, err)
		if theirs, err := p.Capabilities(t.Context()); err != nil || !reflect.DeepEqual(can, theirs) {
			t.Errorf("capabilities: %v, %+v, want %+v", err, theirs, can)
		}

		conn, err := w.far.dial(near, 6379, 5*time.Second)
		must(t, err)
		if took, err := roundTrip(conn, 5*time.Second); err != nil || took < 80*time.Millisecond {
			t.Errorf("a round trip took %v: %v", took, err)
		}
		if ended, err := p.Reset(t.Context(), Match{LocalPorts: []Ports{Port(6379)}}); err != nil || len(ended) != 1 {
			t.Errorf("reset: %v, %v", ended, err)
		}
		conn.Close()
		if err := p.Apply(t.Context(), []Rule{{ID: "none"}}); err == nil {
			t.Error("a rule without anything was applied")
		}
		p.end(t)
		if onClose == Clears {
			w.near.checkSame(t, before)
			continue
		}
		is, err = table.Standing(t.Context())
		must(t, err)
		if len(is.Rules) != len(rules) {
			t.Errorf("%d rules stand, want %d", len(is.Rules), len(rules))
		}
		if r, _ := is.Rule("in-latency"); !strings.Contains(r.Lacks, "no process") {
			t.Errorf("nobody holds packets back, and yet %+v", r)
		}
		if r, _ := is.Rule("in-loss"); r.Lacks != "" {
			t.Errorf("the kernel does this by itself, and yet %+v", r)
		}
		must(t, table.Clear(t.Context()))
		w.near.checkSame(t, before)
	}
}

// TestKilled: after kill -9, packets pass, and another process finds and removes what was left.
func TestKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.near.snapshot(t)
	w.near.listen(t, 6379)
	p := w.near.serve(t, Clears)
	slow := Rule{ID: "slow", Match: Match{Direction: In, Protocol: TCP}, Effect: Effect{Latency: &Latency{Delay: time.Minute}}}
	must(t, p.Apply(t.Context(), append(everything(), slow)))
	if _, err := w.far.dial(near, 6379, 200*time.Millisecond); !isTimeout(err) {
		t.Errorf("connecting: %v, want it to wait", err)
	}
	must(t, p.command.Process.Kill())
	if err := p.command.Wait(); err == nil {
		t.Error("the process was killed, and ended well")
	}
	if err := p.Apply(t.Context(), nil); err == nil {
		t.Error("a process that was killed applied rules")
	}
	p.Close()
	conn, err := w.far.dial(near, 6379, 5*time.Second)
	must(t, err)
	conn.Close()

	table := w.table(t)
	is, err := table.Standing(t.Context())
	must(t, err)
	if r, _ := is.Rule("slow"); !strings.Contains(r.Lacks, "no process") {
		t.Errorf("what was left: %+v", is)
	}
	must(t, table.Clear(t.Context()))
	w.near.checkSame(t, before)
	is, err = table.Standing(t.Context())
	must(t, err)
	must(t, is.Verify(nil))
}

// TestSecondHolder: while a process holds packets back, another one cannot, but it can clear.
func TestSecondHolder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.near.snapshot(t)
	p := w.near.serve(t, Clears)
	slow := []Rule{{ID: "slow", Match: Match{Direction: In}, Effect: Effect{Latency: &Latency{Delay: time.Second}}}}
	must(t, p.Apply(t.Context(), slow))
	table := w.table(t)
	if err := table.Apply(t.Context(), slow); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("applied by two processes: %v", err)
	}
	is, err := table.Standing(t.Context())
	must(t, err)
	must(t, is.Verify(slow))
	must(t, table.Clear(t.Context()))
	w.near.checkSame(t, before)
	p.end(t)
}

// TestServeEnds with its context, although no request comes.
func TestServeEnds(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("network namespaces are changed by root alone")
	}
	ctx, cancel := context.WithCancel(t.Context())
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, in, out)
		out.Close()
	}()
	c, err := NewClient(ctx, requests, answers, Keeps)
	must(t, err)
	cancel()
	must(t, <-ended)
	if _, err := c.Standing(t.Context()); err == nil {
		t.Error("what has ended answers")
	}
	must(t, c.Close())
}

// TestBadRequests are answered, and the next one is done.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := strings.NewReader("{\n" + `{"number":7,"do":"fly"}` + "\n" + `{"number":8,"do":"open","on_close":"keep"}` + "\n")
	must(t, Serve(t.Context(), in, &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "error") || !strings.Contains(lines[1], `"number":7,"error"`) || lines[2] != `{"number":8}` {
		t.Errorf("answers:\n%s", out.String())
	}
}
