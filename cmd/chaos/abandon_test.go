package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// crashing names the environment variable that says how a process is to crash.
const crashing = "REDIS_CHAOS_TEST_CRASH"

// crash ends this process, in a way that cannot be recovered from.
func crash(how string) {
	abortOnCrash()
	switch how {
	case "panic":
		go func() { panic("in a goroutine") }()
	case "out of memory":
		const addressSpace = 1 << 47 // bytes, of any process
		fmt.Fprintln(os.Stderr, len(make([]byte, addressSpace)))
	case "deep recursion":
		const little = 1 << 20 // bytes; a gigabyte takes a while
		debug.SetMaxStack(little)
		var deeper func(int) int
		deeper = func(n int) int { return deeper(n+1) + 1 }
		deeper(0)
	}
	time.Sleep(time.Minute)
	os.Exit(exitUsage)
}

// aborted fails the test unless a process was ended by SIGABRT.
func aborted(t *testing.T, p *os.ProcessState) {
	t.Helper()
	if status, ok := p.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Errorf("ended with %v", p)
	}
}

// A crash is not told as bad usage.
func TestCrashesAreNotBadUsage(t *testing.T) {
	// The race detector has other words for a lack of memory.
	for how, said := range map[string]string{"panic": "panic: in a goroutine", "out of memory": "fatal error: ", "deep recursion": "stack overflow"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), crashing+"="+how, "GOTRACEBACK=none")
			text, _ := cmd.CombinedOutput()
			aborted(t, cmd.ProcessState)
			if !strings.Contains(string(text), said) {
				t.Errorf("it says:\n%.2000s", text)
			}
		})
	}
}

// What a run leaves behind that a signal has crashed is removed as after a kill.
func TestDownOfARunThatCrashed(t *testing.T) {
	needServer(t)
	t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
	binary := build(t)
	out := t.TempDir()
	cmd := underWay(t, binary, "local", out, "running test-killed", 200*time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	aborted(t, cmd.ProcessState)
	if code, stdout, stderr := chaosCommand(t, "down", runIn(t, out)); code != exitOK || !strings.HasSuffix(stdout, ": removed\n") {
		t.Errorf("down: exit %d, %s%s", code, stdout, stderr)
	}
	journaltest.NothingLeft(t, out)
}

// The third interrupt names what it leaves behind, and that is not the exit code of having
// cleaned up. Anybody can remove it.
func TestThirdInterruptTellsWhatIsLeft(t *testing.T) {
	e := enginetest.Need(t)
	out, binary := t.TempDir(), build(t)
	cmd := exec.Command(binary, "run", write(t, "s.yaml", "name: test-thrice\nduration: 60s\ncluster: {replicas: 1}\n"), "--runtime", "docker", "--out", out)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stderr)
	for _, cue := range []string{"running test-thrice", "interrupted: healing", "still cleaning up"} {
		for line := ""; !strings.Contains(line, cue); {
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("it does not say %q: %v", cue, err)
			}
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	rest, _ := io.ReadAll(lines)
	_ = cmd.Wait()
	id := runIn(t, out)
	want := fmt.Sprintf("chaos: not cleaned up: the containers, networks and volumes of run %s; `chaos down %s` removes them\n", id, id)
	if code := cmd.ProcessState.ExitCode(); code != exitNotRun || !strings.Contains(string(rest), want) {
		t.Errorf("exit %d:\n%s\nwant exit %d and %s", code, rest, exitNotRun, want)
	}
	downByAnotherUser(t, binary, id)
	enginetest.NothingLeft(t, e, out)
}
