//go:build linux

package attack

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/report"
)

// attack is what is done to a run, and when: some time after it has told something.
type attack struct {
	runtime string
	signal  syscall.Signal // SIGSTOP is followed by SIGCONT
	told    string
	after   time.Duration
	pause   time.Duration // between SIGSTOP and SIGCONT
}

func (s attack) String() string {
	text := fmt.Sprintf("%s, %s %s after %q", s.runtime, s.signal, s.after, s.told)
	if s.signal == syscall.SIGSTOP {
		text += fmt.Sprintf(" for %s", s.pause)
	}
	return text
}

// drawAttack is the attack of a seed: always the same.
func drawAttack(seed uint64) attack {
	dice := rand.New(rand.NewPCG(seed, 0))
	upTo := func(most time.Duration) time.Duration {
		return time.Duration(dice.Int64N(int64(most))).Round(time.Millisecond)
	}
	s := attack{
		runtime: []string{"local", "docker"}[seed/3%2],
		signal:  []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGSTOP}[seed%3],
		pause:   500*time.Millisecond + upTo(5500*time.Millisecond),
	}
	deploys := map[string]time.Duration{"local": 400 * time.Millisecond, "docker": 6 * time.Second}[s.runtime]
	// Half of them come while the load runs.
	switch dice.IntN(10) {
	case 0:
		s.told, s.after = "", upTo(time.Second)
	case 1, 2:
		s.told, s.after = "starting 6 ", upTo(deploys)
	case 3:
		s.told, s.after = "joining the nodes", upTo(500*time.Millisecond)
	case 4:
		s.told, s.after = "reading back", upTo(500*time.Millisecond)
	case 5:
		s.told, s.after = "tearing down", upTo(deploys/4)
	default:
		s.told, s.after = "running test-attacked", upTo(9*time.Second)
	}
	return s
}

// setting is a whole number from the environment, or else what it is by default.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		t.Fatalf("%s is %q; write a whole number of at least 1", name, text)
	}
	return n
}

// Killed, interrupted or suspended at any moment, the program leaves nothing that it does
// not remove when asked, and tells nothing false of the run. By default two;
// KILLS_RUNS from the seed KILLS_SEED on with make kills.
func TestKills(t *testing.T) {
	t.Parallel()
	needServer(t)
	first := setting(t, "KILLS_SEED", 6)
	for seed := first; seed < first+setting(t, "KILLS_RUNS", 2); seed++ {
		s := drawAttack(seed)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			t.Log(s)
			var e *docker.Engine
			if s.runtime == "docker" {
				e = enginetest.Need(t)
			}
			p := prepareRun(t, s.runtime, file(t, "s.yaml", failing))
			p.start(t, 5*time.Minute)
			if !p.until(s.told, s.after) {
				t.Logf("it had ended before: %s", p.told())
				p.wait(t)
				return
			}
			p.signal(t, s.signal)
			switch s.signal {
			case syscall.SIGKILL:
				<-p.ended
				judgeKilled(t, p)
				p.down(t)
				nothingLeft(t, p, e)
			case syscall.SIGINT:
				p.wait(t)
				if s.told == "tearing down" && p.code() != exitInterrupted {
					coherent(t, p)
					nothingLeft(t, p, e)
					return
				}
				judgeInterrupted(t, p, e)
			default:
				time.Sleep(s.pause)
				p.signal(t, syscall.SIGCONT)
				p.wait(t)
				coherent(t, p)
				if p.code() == exitOK || p.code() == exitExpectation {
					judgeSuspended(t, p)
				}
				nothingLeft(t, p, e)
			}
		})
	}
}

// judgeKilled checks what is told of a run whose program was killed: only a record that has
// its end may come to a verdict.
func judgeKilled(t *testing.T, p *program) {
	t.Helper()
	if r, ok := result(t, p); ok && r.Verdict == report.Pass {
		t.Error("a run that was killed has passed")
	}
	if p.runID() == "" {
		return
	}
	events, err := os.ReadFile(filepath.Join(p.dir(), "events.ndjson"))
	if err != nil {
		return // it was killed before there was anything to record
	}
	again := prepare(t)
	again.cmd.Args = append(again.cmd.Args, "report", p.dir(), "--out", again.out, "--json")
	again.run(t, bound)
	switch again.code() {
	case exitOK:
	case exitUsage, exitNotRun: // there is nothing to tell of
		if strings.Count(string(events), "\n") > 0 {
			t.Errorf("a record of %d events is not reported on: %s", strings.Count(string(events), "\n"), again.told())
		}
		return
	default:
		t.Errorf("report: %s", again.told())
		return
	}
	ended := strings.Contains(string(events), `"type":"run_ended"`)
	if !ended && !strings.Contains(again.stdout.String(), `"verdict": "error"`) {
		t.Errorf("a run that did not get to its end has a verdict: %s", excerpt(again.stdout.String()))
	}
	plausible(t, []byte(again.stdout.String()))
}
