//go:build linux

package attack

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// failing is a run in which a replica takes over.
const failing = `name: test-attacked
duration: 8s
recovery_timeout: 20s
cluster: {config: {cluster-node-timeout: 1000}}
workloads:
  - {name: orders, clients: 4, rate: 200, keys: 50, client: {preset: fast-failover}}
faults: [{at: 2s, for: 4s, kill: {role: master, shard: 0}}]
expect: {failovers: 1, failover_time: "<= 6s", lost_writes: "<= 100", recovered: true}
`

// Signals end a run as the contract says, whenever they come, and leave nothing behind.
func TestSignals(t *testing.T) {
	t.Parallel()
	// Where hangups are ignored, as under nohup, the program would do so, too.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	type moment struct {
		signals []syscall.Signal
		told    string
		after   time.Duration
	}
	const starting, joining, running, reading = "starting 6 ", "joining the nodes", "running test-attacked", "reading back"
	moments := []moment{
		{[]syscall.Signal{syscall.SIGINT}, starting, 0},
		{[]syscall.Signal{syscall.SIGINT, syscall.SIGINT}, running, 2500 * time.Millisecond},
		{[]syscall.Signal{syscall.SIGQUIT}, running, time.Second},
		{[]syscall.Signal{syscall.SIGINT, syscall.SIGINT, syscall.SIGINT}, running, 2500 * time.Millisecond},
		{[]syscall.Signal{syscall.SIGTERM}, joining, 0},
		{[]syscall.Signal{syscall.SIGTERM}, reading, 0},
		{[]syscall.Signal{syscall.SIGHUP}, running, 3 * time.Second},
		{[]syscall.Signal{syscall.SIGINT}, running, 7 * time.Second},
		{[]syscall.Signal{syscall.SIGQUIT}, starting, 100 * time.Millisecond},
		{[]syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, starting, 300 * time.Millisecond},
		{[]syscall.Signal{syscall.SIGINT, syscall.SIGINT, syscall.SIGINT}, starting, 0},
	}
	onRuntimes(t, func(t *testing.T, runtime string, e *docker.Engine) {
		n := 3
		if e != nil {
			n = 1
		}
		for _, m := range quick(moments, n) {
			t.Run(fmt.Sprint(m.signals, " ", m.after, " after ", m.told), func(t *testing.T) {
				t.Parallel()
				needServer(t)
				p := prepareRun(t, runtime, file(t, "s.yaml", failing))
				p.start(t, 3*time.Minute)
				if !p.until(m.told, m.after) {
					t.Fatalf("it has ended before: %s", p.told())
				}
				for i, s := range m.signals {
					if i > 0 {
						time.Sleep(50 * time.Millisecond)
					}
					p.signal(t, s)
				}
				<-p.ended
				if m.signals[0] != syscall.SIGQUIT { // which may ask for a dump
					p.wait(t)
				}
				judgeInterrupted(t, p, e)
			})
		}
	})
}

// judgeInterrupted checks what is told of a run that a signal has ended, and that nothing
// is left of it, once it says how to remove what is.
func judgeInterrupted(t *testing.T, p *program, e *docker.Engine) {
	t.Helper()
	if r, ok := result(t, p); ok && r.Verdict != report.Error && !gotToItsEnd(t, p) {
		t.Errorf("the verdict is %s", r.Verdict)
	}
	switch p.code() {
	case exitInterrupted: // and cleaned up
	case exitNotRun:
		if !strings.Contains(p.stderr.String(), "chaos down") {
			t.Errorf("it does not say how to remove what is left: %s", p.told())
		}
		p.down(t)
	default:
		t.Errorf("%s\nwant exit %d, or %d if something is left", p.told(), exitInterrupted, exitNotRun)
		p.down(t)
	}
	nothingLeft(t, p, e)
}

// gotToItsEnd tells whether all was measured when the signal came, which is then one that the
// removal of the cluster meets.
func gotToItsEnd(t *testing.T, p *program) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir(), "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	_, end, ok := strings.Cut(string(text), `"type":"run_ended"`)
	return ok && !strings.Contains(end, `"interrupted":true`) && !strings.Contains(end, `"error"`)
}

// What nobody reads is no reason for a false word: a run whose output cannot be written
// says so by its exit code.
func TestOutputThatGoesNowhere(t *testing.T) {
	t.Parallel()
	needServer(t)
	for _, test := range quick([]struct {
		name     string
		redirect string
		codes    []int
	}{
		{"stdout is full", ">/dev/full", []int{exitNotRun}},
		{"all is closed", "<&- >&- 2>&-", []int{exitOK, exitExpectation, exitNotRun}}, // as of any program, it is then /dev/null
		{"stdout is closed", ">&-", []int{exitOK, exitExpectation, exitNotRun}},
		{"stderr is full", "2>/dev/full", []int{exitOK, exitExpectation, exitNotRun}},
		{"stdout is a pipe that nobody reads", "> >(exec <&-)", []int{exitOK, exitNotRun, exitInterrupted}},
	}, 2) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := prepareRun(t, "local", file(t, "s.yaml", calm))
			p.cmd.Args = append([]string{"bash", "-c", `exec "$0" "$@" ` + test.redirect}, p.cmd.Args...)
			p.cmd.Path = "/bin/bash"
			p.run(t, time.Minute)
			if !slices.Contains(test.codes, p.code()) {
				t.Errorf("%s\nwant exit %v", p.told(), test.codes)
			}
			if r, ok := result(t, p); p.code() == exitOK && (!ok || r.Verdict != report.Pass) {
				t.Errorf("exit 0 of a run whose verdict is %q", r.Verdict)
			}
			nothingLeft(t, p, nil)
		})
	}
}

// A program that is suspended while a replica takes over does not know when that happened,
// but for the servers' logs: it says nothing that contradicts them.
func TestSuspended(t *testing.T) {
	t.Parallel()
	onRuntimes(t, func(t *testing.T, runtime string, e *docker.Engine) {
		if e != nil && !long() {
			return // it is the same there, and takes longer
		}
		needServer(t)
		p := prepareRun(t, runtime, file(t, "s.yaml", failing))
		p.start(t, 3*time.Minute)
		// The fault is at 2 s; its effect takes a moment in Docker.
		if !p.until("running test-attacked", 2300*time.Millisecond) {
			t.Fatalf("it has ended before: %s", p.told())
		}
		p.signal(t, syscall.SIGSTOP)
		time.Sleep(5 * time.Second)
		p.signal(t, syscall.SIGCONT)
		p.wait(t)
		if p.code() != exitOK && p.code() != exitExpectation {
			t.Errorf("%s", p.told())
		}
		judgeSuspended(t, p)
		if !strings.Contains(p.stdout.String(), "not run") {
			t.Errorf("it does not say that it was not run for a while: %s", p.stdout.String())
		}
		nothingLeft(t, p, e)
	})
}

// judgeSuspended holds what is told of a run during which the program did not run for five
// seconds against the servers' own logs.
func judgeSuspended(t *testing.T, p *program) {
	t.Helper()
	r, ok := result(t, p)
	if !ok {
		t.Fatalf("no result: %s", p.told())
	}
	longest := record.Millis(4000) // that a shard is told to have been without a master
	for _, f := range r.Failovers {
		won, ok := electionWon(t, p, f.NewMaster)
		if !ok || f.Fault == nil || r.Faults[*f.Fault].Effective == nil {
			continue
		}
		took := record.Millis(won.Sub(r.Run.Started).Seconds()*1000) - *r.Faults[*f.Fault].Effective
		for name, ms := range map[string]*record.Millis{"promoted_ms": f.Promoted, "first_write_ms": f.FirstWrite} {
			// The first write follows the promotion within milliseconds; a probe that was not
			// sent does not tell when.
			if ms != nil && (*ms > took+1500 || *ms < took-500) {
				t.Errorf("%s of %s is %.0f ms, and by its log it was promoted after %.0f ms", name, f.NewMaster, *ms, took)
			}
		}
		for _, phase := range f.Phases {
			if phase.From+phase.Took > took+1500 && phase.Name != "convergence" && phase.Name != "clients" {
				t.Errorf("the phase %s took %.0f ms from %.0f ms on, and all of the failover %.0f ms", phase.Name, phase.Took, phase.From, took)
			}
		}
		longest = max(longest, took+1500)
	}
	for _, s := range r.Shards {
		if s.Shard != 0 && s.Longest != nil && *s.Longest > longest {
			t.Errorf("shard %d is told as unavailable for %.0f ms; its master ran on", s.Shard, *s.Longest)
		}
	}
}

// electionWon is when a node has logged that it won its election.
func electionWon(t *testing.T, p *program, node string) (at time.Time, ok bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir(), "logs", node+".log"))
	if err != nil {
		t.Error(err)
		return at, false
	}
	for line := range strings.Lines(string(text)) {
		// 1:S 22 Nov 2026 11:04:01.123 * Failover election won: I'm the new master.
		if _, stamp, found := strings.Cut(line, ":S "); found && strings.Contains(line, "Failover election won") && len(stamp) > 24 {
			at, err := time.ParseInLocation("02 Jan 2006 15:04:05.000", stamp[:24], time.Local)
			return at, err == nil
		}
	}
	return at, false
}
