//go:build linux

package attack

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// round is a run with six faults that overlap, and when it is ended and how.
type round struct {
	faults []string // by node, with all settings but the node
	signal syscall.Signal
	when   string        // before, between or after what happens to the faults
	told   string        // by the program
	after  time.Duration // since it has told that
}

// tortured lists the nodes that faults are done to, one after the other.
func tortured() []string {
	return []string{"redis-master-1", "redis-replica-2", "redis-replica-3", "redis-master-2", "redis-master-3", "redis-replica-1"}
}

// drawRound is the round of a seed: always the same. Of five that follow each other, one ends at each of the moments
// that there are.
func drawRound(seed uint64) round {
	dice := rand.New(rand.NewPCG(seed, 1))
	one := func(of ...string) string { return of[dice.IntN(len(of))] }
	r := round{
		faults: []string{
			one("kill: {%s}", "stop: {%s}", "crash: {%s}", "flap: {%s, down: 300ms, up: 300ms}"),
			one("pause: {%s}", "kill: {%s, signal: SIGSTOP}"),
			one("disconnect: {%s}", "disconnect: {%s, network: client}", "disconnect: {%s, network: cluster}", "partition: {%s}"),
			one("latency: {%s, delay: 20ms}", "loss: {%s, share: 5%%}", "bandwidth: {%s, rate: 10MB}"),
			one("config_set: {%s, set: {maxmemory: 100mb, hz: 20}}", "busy_script: {%s}", "exhaust_clients: {%s, most: 20000}"),
			one("starve: {%s, cpu: 30%%}", "client_kill: {%s}"),
		},
		signal: []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGINT}[dice.IntN(3)],
	}
	var within time.Duration
	nodes := tortured()
	switch last := len(nodes) - 1; seed % 5 {
	case 0:
		r.when, r.told, within = "before the faults", "running test-tortured", 300*time.Millisecond
	case 1: // a fault is told of once it is injected, as "kill redis-master-1 (SIGKILL)"
		r.when, r.told, within = "during injection", nodes[dice.IntN(last)]+" (", 200*time.Millisecond
	case 2:
		r.when, r.told, within = "during the faults", nodes[last]+" (", time.Second
	case 3:
		r.when, r.told, within = "during healing", " healed", time.Second
	default:
		r.when, r.told, within = "after healing", "reading back", 500*time.Millisecond
	}
	r.after = time.Duration(dice.Int64N(int64(within))).Round(time.Millisecond)
	return r
}

func (r round) String() string {
	return fmt.Sprintf("%s %s, %s after %q, of %s", r.signal, r.when, r.after, r.told, strings.Join(r.faults, ", "))
}

// scenario is the run. Its faults begin within half a second, and last for two.
func (r round) scenario() string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: test-tortured\nduration: 3s\nrecovery_timeout: 30s\ncluster: {config: {%s}}\n"+
		"workloads: [{name: orders, clients: 2, rate: 50, keys: 50}]\nfaults:\n", strings.ReplaceAll(strings.Join(quickly(), ", "), "=", ": "))
	for i, node := range tortured() {
		fmt.Fprintf(&b, "- {at: %dms, for: 2s, %s}\n", 300+100*i, fmt.Sprintf(r.faults[i], "node: "+node))
	}
	return b.String()
}

// quickly lists directives by which a cluster is soon whole again: a failover comes while its fault is in force, and a
// server hears soon that a script is to end.
func quickly() []string {
	return []string{"cluster-node-timeout=1000", "repl-diskless-sync-delay=0", "lua-time-limit=500"}
}

// tally is what came of the rounds.
type tally struct{ rounds, killed, interrupted, ended, healed atomic.Int64 }

// Killed or interrupted at any moment while six faults are in force, the program leaves on a cluster that stands
// nothing that chaos heal does not undo, and of one of its own nothing that chaos down does not remove. What is not
// its own is as it was. By default ten rounds, whose kills and interrupts come at each of the moments; TORTURE_RUNS from the seed
// TORTURE_SEED on with make torture, half of them on each.
func TestTorture(t *testing.T) {
	t.Parallel()
	needServer(t)
	if os.Getuid() != 0 {
		t.Skip("needs root, for network namespaces")
	}
	first, runs := setting(t, "TORTURE_SEED", 46), setting(t, "TORTURE_RUNS", 10)
	clusters := setting(t, "TORTURE_PARALLEL", 1)
	watched := standBy(t)
	var done tally
	t.Run("rounds", func(t *testing.T) {
		for n := range clusters {
			t.Run(fmt.Sprintf("on a cluster that stands, %d", n), func(t *testing.T) {
				t.Parallel()
				torture(t, fmt.Sprintf("test-torture-%d-%d", os.Getpid(), n), first+n, runs/2/clusters, clusters, &done)
			})
		}
		for seed := first + runs/2; seed < first+runs; seed++ {
			t.Run(fmt.Sprintf("of a run on this machine, %d", seed), func(t *testing.T) {
				t.Parallel()
				tortureOwn(t, seed, &done)
			})
		}
	})
	watched.untouched(t)
	t.Logf("%d rounds: %d killed, %d interrupted, %d had ended before; %d faults were healed afterwards",
		done.rounds.Load(), done.killed.Load(), done.interrupted.Load(), done.ended.Load(), done.healed.Load())
}

// torture does rounds to one cluster that stands.
func torture(t *testing.T, name string, seed, rounds, step uint64, done *tally) {
	e := enginetest.Need(t)
	up := prepare(t, "up", "--name", name, "--out", filepath.Join(folder(t), "up"))
	for _, directive := range quickly() {
		up.cmd.Args = append(up.cmd.Args, "--config", directive)
	}
	if d := up.run(t, 3*time.Minute); d.code() != exitOK {
		t.Fatalf("up: %s", d.told())
	}
	t.Cleanup(func() {
		if d := prepare(t, "down", name).run(t, 2*time.Minute); d.code() != exitOK || d.stdout.String() != name+": removed\n" {
			t.Errorf("down: %s", d.told())
		}
		if left := enginetest.Left(t, e, name); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if noted := ledgers(t, name); len(noted) > 0 {
			t.Errorf("left in the journal of faults: %v", noted)
		}
	})
	bystanderContainer(t, e, name)
	was := conditions(t, e, name)
	for i := range rounds {
		r := drawRound(seed + step*i)
		t.Run(fmt.Sprint(seed+step*i), func(t *testing.T) {
			t.Log(r)
			tortureStanding(t, e, name, r, was, done)
		})
	}
}

// tortureStanding does one round to a cluster that stands.
func tortureStanding(t *testing.T, e *docker.Engine, name string, r round, was map[string]nodeState, done *tally) {
	p := prepare(t)
	p.cmd.Args = append(p.cmd.Args, "run", file(t, "s.yaml", r.scenario()), "--on", name, "--out", p.out)
	p.start(t, 3*time.Minute)
	done.rounds.Add(1)
	under := p.until(r.told, r.after)
	if under {
		p.signal(t, r.signal)
	}
	<-p.ended
	switch {
	case !under:
		done.ended.Add(1)
		judgeHealed(t, p)
	case r.signal == syscall.SIGKILL:
		done.killed.Add(1)
	default:
		done.interrupted.Add(1)
		judgeHealed(t, p)
	}
	noted := inForce(t, name)
	heal := prepare(t, "heal", name).run(t, 2*time.Minute)
	if heal.code() != exitOK {
		t.Fatalf("heal: %s", heal.told())
	}
	healed := strings.Count(heal.stdout.String(), ": healed: ")
	done.healed.Add(int64(healed))
	left := strings.Contains(p.stderr.String(), "NOT HEALED") // which judgeHealed has judged
	if healed != noted || r.signal != syscall.SIGKILL && !left && healed > 0 {
		t.Errorf("noted: %d; %s", noted, heal.told())
	}
	if is := conditions(t, e, name); !reflect.DeepEqual(is, was) {
		t.Errorf("the nodes are\n%+v, and were\n%+v\n%s", is, was, heal.told())
	}
	if again := prepare(t, "heal", name).run(t, time.Minute); again.code() != exitOK || again.stdout.String() != name+": nothing to heal\n" {
		t.Errorf("heal again: %s", again.told())
	}
	awaitOK(t, name)
}

// judgeHealed checks that a program which came to its end says that all is healed and cleaned up. Where it was kept
// waiting for too long, as by an engine that did not answer for longer than healing may take, it says that and ends
// with 3.
func judgeHealed(t *testing.T, p *program) {
	t.Helper()
	told := p.stderr.String()
	late := strings.Contains(told, "context deadline exceeded")
	busy := late || strings.Contains(told, "no node answers") || strings.Contains(told, "i/o timeout")
	unhealed := strings.Contains(told, "NOT HEALED")
	if unhealed && (!late || p.code() != exitNotRun) || strings.Contains(told, "not cleaned up") || p.code() == exitNotRun && !busy {
		t.Errorf("%s", p.told())
	}
}

// tortureOwn does one round to a run that has a cluster of its own, which ends with it.
func tortureOwn(t *testing.T, seed uint64, done *tally) {
	r := drawRound(seed)
	t.Log(r)
	p := prepareRun(t, "local", file(t, "s.yaml", r.scenario()))
	p.start(t, 3*time.Minute)
	done.rounds.Add(1)
	if !p.until(r.told, r.after) {
		done.ended.Add(1)
		<-p.ended
		nothingLeft(t, p, nil)
		return
	}
	p.signal(t, r.signal)
	if r.signal == syscall.SIGINT {
		done.interrupted.Add(1)
		p.wait(t)
		judgeHealed(t, p)
		nothingLeft(t, p, nil)
	} else {
		done.killed.Add(1)
		<-p.ended
		if heal := prepare(t, "heal", p.runID()).run(t, time.Minute); heal.code() != exitNotRun || !strings.Contains(heal.stderr.String(), "chaos down "+p.runID()) && !strings.Contains(heal.stderr.String(), "no Docker engine answers") {
			t.Errorf("heal of what ends with its run: %s", heal.told())
		}
		p.down(t)
		nothingLeft(t, p, nil)
	}
	if noted := ledgers(t, p.runID()); len(noted) > 0 {
		t.Errorf("left in the journal of faults: %v", noted)
	}
}

// ledgers lists the ledgers of a cluster, in whatever place.
func ledgers(t *testing.T, cluster string) []string {
	t.Helper()
	runs, err := journal.Folder()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(runs), "faults", "*", cluster+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// inForce is how many faults are noted of a cluster, and not undone.
func inForce(t *testing.T, cluster string) (n int) {
	t.Helper()
	for _, path := range ledgers(t, cluster) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			switch {
			case !strings.HasSuffix(line, "\n"): // it was being written
			case strings.HasPrefix(line, `{"entry":`):
				n++
			default:
				n--
			}
		}
	}
	return n
}

// nodeState is what faults change of a node, but for its data and its role.
type nodeState struct {
	Condition  string
	Shapes     string
	Addr, Also string // on both networks
	Config     string
}

// conditions asks the engine and the servers how all nodes are. A server that has just been started may not answer yet.
func conditions(t *testing.T, e *docker.Engine, name string) map[string]nodeState {
	t.Helper()
	c, err := e.Attach(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]nodeState{}
	for _, n := range c.Nodes() {
		is, err := c.Condition(t.Context(), n.Name)
		if err != nil {
			t.Fatal(err)
		}
		shapes, err := c.Shapes(t.Context(), n.Name)
		if err != nil {
			t.Fatal(err)
		}
		all[n.Name] = nodeState{fmt.Sprintf("%+v", is), fmt.Sprint(shapes), n.Addr, n.ClientAddr, configOf(t, c, n.Addr)}
	}
	return all
}

// configOf is some of the directives of a node.
func configOf(t *testing.T, c compose.Servers, addr string) string {
	t.Helper()
	client := compose.DirectClient(c, addr, 5*time.Second)
	defer client.Close()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var config map[string]string
		if config, err = client.ConfigGet(context.Background(), "*").Result(); err == nil {
			return fmt.Sprint(config["maxmemory"], config["hz"], config["cluster-node-timeout"])
		}
	}
	t.Errorf("CONFIG GET to %s: %v", addr, err)
	return ""
}

// awaitOK waits until the program says that a cluster is whole.
func awaitOK(t *testing.T, name string) {
	t.Helper()
	var said string
	for deadline := time.Now().Add(4 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		status := prepare(t, "status", name, "--json").run(t, time.Minute)
		said = status.stdout.String()
		var is struct{ State string }
		if err := json.Unmarshal([]byte(said), &is); err == nil && is.State == "ok" {
			return
		}
	}
	t.Errorf("the cluster is not whole: %s", said)
}
