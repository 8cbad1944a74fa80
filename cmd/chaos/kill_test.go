package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/enginetest"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
)

// underWay starts the program, and waits until it has told something and some
// more time has passed.
func underWay(t *testing.T, binary, runtime, out, told string, after time.Duration) *exec.Cmd {
	t.Helper()
	scenario := write(t, "s.yaml", "name: test-killed\nduration: 60s\ncluster: {replicas: 0}\n")
	cmd := exec.Command(binary, "run", scenario, "--runtime", runtime, "--out", out)
	progress, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(progress)
	for !strings.Contains(said.String(), told) {
		if !lines.Scan() {
			t.Fatalf("it does not say %q but\n%s%v", told, &said, cmd.Wait())
		}
		fmt.Fprintln(&said, lines.Text())
	}
	time.Sleep(after)
	return cmd
}

// kill ends the program as kill -9 does.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if cmd.Wait(); cmd.ProcessState.Exited() {
		t.Errorf("it had ended before it was killed: %v", cmd.ProcessState)
	}
}

// runIn is the id of the only run whose folder is in out.
func runIn(t *testing.T, out string) string {
	t.Helper()
	id, err := os.Readlink(out + "/latest")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What a killed run leaves behind in Docker is removed by the next one before
// anything else, even if that one then fails.
func TestNextRunRemovesWhatAKilledOneLeft(t *testing.T) {
	e := enginetest.Need(t)
	binary := build(t)
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, moment := range []struct {
		told  string
		after time.Duration
	}{
		{"starting 3 containers", 0}, {"starting 3 containers", 1500 * time.Millisecond}, {"joining the nodes", 0},
	} {
		t.Run(fmt.Sprint(moment.after, " after ", moment.told), func(t *testing.T) {
			out := t.TempDir()
			kill(t, underWay(t, binary, "docker", out, moment.told, moment.after))
			code, _, stderr := chaosCommand(t, "run", write(t, "s.yaml", shortScenario), "--runtime", "docker", "--out", t.TempDir(),
				"--fixed-ports", "--port", fmt.Sprint(taken.Addr().(*net.TCPAddr).Port))
			const want = "removed what killed runs had left behind: "
			if code != exitNotRun || !strings.Contains(stderr, want) || !strings.Contains(stderr, runIn(t, out)) {
				t.Errorf("exit %d, stderr:\n%s\nwant exit %d and %s%s", code, stderr, exitNotRun, want, runIn(t, out))
			}
			enginetest.NothingLeft(t, e, out)
		})
	}
}

// A run in progress cannot be removed, and not by another user, whose journal does not know of it, either; one that was
// killed can. One that is suspended is in progress.
func TestDownOfARunInProgressAndOfAKilledOne(t *testing.T) {
	binary := build(t)
	test := func(t *testing.T, runtime string, whileItRuns func(t *testing.T, cmd *exec.Cmd, id string)) (out string) {
		out = t.TempDir()
		cmd := underWay(t, binary, runtime, out, "running test-killed", 200*time.Millisecond)
		id := runIn(t, out)
		owner := fmt.Sprintf("is in progress (process %d)", cmd.Process.Pid)
		if os.Geteuid() != 0 && runtime == "local" {
			owner = "is in progress (process " // which may be the one in namespaces
		}
		if code, _, stderr := chaosCommand(t, "down", id); code != exitNotRun || !strings.Contains(stderr, owner) {
			t.Errorf("down while it runs: exit %d:\n%s", code, stderr)
		}
		whileItRuns(t, cmd, id)
		kill(t, cmd)
		if code, stdout, stderr := chaosCommand(t, "down", id); code != exitOK || stdout != id+": removed\n" {
			t.Errorf("down after it was killed: exit %d:\n%s%s", code, stdout, stderr)
		}
		if entries := journaltest.Entries(t, id); len(entries) > 0 {
			t.Errorf("still in the journal: %v", entries)
		}
		return out
	}
	t.Run("docker", func(t *testing.T) {
		e := enginetest.Need(t)
		enginetest.NothingLeft(t, e, test(t, "docker", func(t *testing.T, cmd *exec.Cmd, id string) {
			refused := func(when string) {
				t.Helper()
				text, err := asAnotherUser(t, binary, "down", id).CombinedOutput()
				if err == nil || !strings.Contains(string(text), "is in progress (of another user, or on another machine)") {
					t.Errorf("down %s: %v\n%s", when, err, text)
				}
			}
			refused("while it runs")
			if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			refused("while it is suspended")
			if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
		}))
	})
	t.Run("local, and no engine", func(t *testing.T) {
		needServer(t)
		t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
		test(t, "local", func(*testing.T, *exec.Cmd, string) {})
	})
}

// downByAnotherUser has another user, whose journal does not know of a run, remove it once it is over. Its own user's
// still knows of it, and finds nothing left.
func downByAnotherUser(t *testing.T, binary, id string) {
	t.Helper()
	var text []byte
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if text, err = asAnotherUser(t, binary, "down", id).CombinedOutput(); err == nil {
			break
		}
	}
	if err != nil || string(text) != id+": removed\n" {
		t.Errorf("down by another user: %v\n%s", err, text)
	}
	if code, _, stderr := chaosCommand(t, "down", id); code != exitOK {
		t.Errorf("down by its own user: exit %d:\n%s", code, stderr)
	}
}

// asAnotherUser is the program with a journal of its own.
func asAnotherUser(t *testing.T, binary string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		cmd := exec.Command(binary, args...)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
		return cmd
	}
	// Root's is in /run, whatever its environment says.
	folder, err := journal.Folder()
	if err != nil {
		t.Fatal(err)
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip("needs unshare(1), as root: apt-get install util-linux")
	}
	return exec.Command(unshare, append([]string{"--mount", "sh", "-ec", `mount -t tmpfs none "$0"; exec "$@"`, folder, binary}, args...)...)
}

// needServer skips a test where no server is installed.
func needServer(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
}
