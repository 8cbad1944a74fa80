//go:build requests

package fault

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/doctable"
)

// asks is how often each thing is asked for.
const asks = 20

// requests is a cluster that things are asked of.
type requests struct {
	*testing.T
	compose.Cluster
	runID string
	seen  <-chan compose.Happening
}

const asked = "redis-master-1"

// TestRequests measures how long it takes from a request until it has its effect: until the engine says that a
// node was killed, paused or disconnected, and until rules for packets stand in the kernel, and were read back
// from there. In turns with each, the docker command does the same, or where it has nothing of the kind has a
// container run a program that does nothing, which is the least that a tool which enters containers takes.
func TestRequests(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to compare with what helpers do without")
	}
	helper := filepath.Join(t.TempDir(), "chaos")
	build := exec.Command("go", "build", "-o", helper, "../../cmd/chaos")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	helped := docker.Docker()
	helped.Helper = helper

	var rows []string
	row := func(d deed, where string, ours, theirs []time.Duration) {
		line := fmt.Sprintf("| %s | %s | %s | %s | `docker %s` |\n", d.name, where, figures(ours), figures(theirs), d.command)
		t.Log(line)
		rows = append(rows, line)
	}
	byHelper := deployed(t, "helper", docker.For(helped))
	for _, d := range byHelper.processes() {
		ours, theirs := byHelper.compare(d)
		row(d, "Docker", ours, theirs)
	}
	byRoot := deployed(t, "root", docker.Runtime())
	locally := deployed(t, "local", local.Runtime{Mode: local.Isolated})
	for _, of := range []struct {
		*requests
		where string
	}{{byHelper, "Docker, warm helper container"}, {byRoot, "Docker, as root"}, {locally, "local, isolated"}} {
		for name, effect := range map[string]traffic.Effect{
			"partition": {Drop: &traffic.Drop{}}, "latency": {Latency: &traffic.Latency{Delay: 100 * time.Millisecond}},
		} {
			d := of.rules(name, effect)
			d.args = []string{byHelper.container(), "redis-cli", "--version"}
			ours, theirs := of.compare(d)
			row(d, of.where, ours, theirs)
		}
	}
	slices.Sort(rows)
	table := fmt.Sprintf("%s, %d processors, %s, median of %d (least – most), in ms:\n\n", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), machine(t), asks) +
		"| fault | runtime | this tool | `docker` command | which is |\n| --- | --- | ---: | ---: | --- |\n" + strings.Join(rows, "")
	doctable.Hold(t, "../../docs/faults.md", "requests", "make requests", table, true)
}

// machine is the kernel, and how busy it was.
func machine(t *testing.T) string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("Linux %s, load average %s", unix.ByteSliceToString(u.Release[:]), strings.Fields(string(load))[0])
}

// figures are the median and the range.
func figures(took []time.Duration) string {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	n := len(took)
	return fmt.Sprintf("%.1f (%.1f – %.1f)", ms(took[(n-1)/2]+took[n/2])/2, ms(took[0]), ms(took[n-1]))
}

func deployed(t *testing.T, name string, r compose.Runtime) *requests {
	t.Helper()
	dep, err := r.Prepare(t.Context(), "")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { dep.Close() })
	runID := fmt.Sprintf("test-%d-requests-%s", os.Getpid(), name)
	d, err := dep.Deploy(t.Context(), compose.Order{
		RunID: runID, Masters: 3, Image: scenarios.DefaultImage, Shaped: true, Config: map[string][]string{"cluster-node-timeout": {"60000"}},
		Dir: filepath.Join(t.TempDir(), "run"), Ports: compose.PortPolicy{First: compose.DefaultPort}, Progress: func(string) {}, Warn: func(string) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Cluster.Down(context.Background()); err != nil {
			t.Error(err)
		}
	})
	seen, err := d.Cluster.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &requests{t, d.Cluster, runID, seen}
}

func (r *requests) container() string { return r.runID + "-" + asked }

// deed is something that is asked of a node, and undone.
type deed struct {
	name     string
	do, undo func(ctx context.Context) error
	// command is the docker command for the same, and args are its arguments.
	command string
	args    []string
	// sign is what the runtime reports once it is done; "": it is done when do returns.
	sign compose.Action
	// apart: what the command does is something else, and is not to be undone.
	apart bool
}

func (r *requests) processes() []deed {
	return []deed{
		{name: "kill", sign: compose.Died, command: "kill", args: []string{r.container()},
			do: func(ctx context.Context) error { return r.Signal(ctx, asked, "SIGKILL") }, undo: func(ctx context.Context) error { return r.Start(ctx, asked) }},
		{name: "pause", sign: compose.Paused, command: "pause", args: []string{r.container()},
			do: func(ctx context.Context) error { return r.Pause(ctx, asked) }, undo: func(ctx context.Context) error { return r.Unpause(ctx, asked) }},
		{name: "disconnect", sign: compose.Disconnected, command: "network disconnect", args: []string{r.runID + "-redis_cluster_net", r.container()},
			do:   func(ctx context.Context) error { return r.Disconnect(ctx, asked, compose.ClusterNetwork) },
			undo: func(ctx context.Context) error { return r.Connect(ctx, asked, compose.ClusterNetwork) }},
	}
}

func (r *requests) rules(name string, effect traffic.Effect) deed {
	rules := []traffic.Rule{{ID: "1", Effect: effect, Match: traffic.Match{Direction: traffic.Out, Peers: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}}}
	return deed{
		name: name, command: "exec", apart: true,
		do:   func(ctx context.Context) error { return r.Shape(ctx, asked, name, rules) },
		undo: func(ctx context.Context) error { return r.Shape(ctx, asked, name, nil) },
	}
}

// compare has both ways do something in turns.
func (r *requests) compare(d deed) (ours, theirs []time.Duration) {
	r.Helper()
	command := func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, "docker", append(strings.Fields(d.command), d.args...)...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	}
	for i := range asks {
		both := []func(){
			func() { ours = append(ours, r.once(d, d.do, d.sign)) },
			func() {
				if d.apart {
					theirs = append(theirs, r.once(deed{}, command, ""))
					return
				}
				theirs = append(theirs, r.once(d, command, d.sign))
			},
		}
		if i%2 == 1 {
			slices.Reverse(both)
		}
		for _, one := range both {
			one()
		}
	}
	return ours, theirs
}

// once does something, undoes it, and says how long it took to have its effect.
func (r *requests) once(d deed, do func(context.Context) error, sign compose.Action) time.Duration {
	r.Helper()
	r.drain()
	began := time.Now()
	err := do(r.Context())
	took := time.Since(began)
	if err == nil && sign != "" {
		var at time.Time
		if at, err = r.await(sign); err == nil {
			took = at.Sub(began)
		}
	}
	if err == nil && d.undo != nil {
		err = d.undo(r.Context())
	}
	if err != nil {
		r.Fatal(err)
	}
	return took
}

// drain takes what happened before.
func (r *requests) drain() {
	const quiet = 50 * time.Millisecond
	for {
		select {
		case <-r.seen:
		case <-time.After(quiet):
			return
		}
	}
}

func (r *requests) await(sign compose.Action) (time.Time, error) {
	const patience = 30 * time.Second
	late := time.After(patience)
	for {
		select {
		case h := <-r.seen:
			if h.Node == asked && h.Action == sign {
				return h.Time, nil
			}
		case <-late:
			return time.Time{}, errors.New("the runtime does not report " + string(sign))
		}
	}
}
