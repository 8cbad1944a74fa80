//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/local/userns"
	"github.com/redis-chaos/redis-chaos/report"
)

// user is somebody who is not root, with a folder and a copy of the program.
type user struct {
	*testing.T
	program, home string
}

func newUser(t *testing.T) *user {
	t.Helper()
	needServer(t)
	if why := userns.Obstacle(); why != "" {
		t.Skipf("needs namespaces: %s", why)
	}
	home, err := os.MkdirTemp("", "user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	u := &user{t, build(t), home}
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chmod(home, 0o755), os.Chown(home, nobody, nobody)); err != nil {
			t.Fatal(err)
		}
	}
	return u
}

// nobody is a user who owns nothing.
const nobody = 65534

// chaos is the program as the user calls it.
func (u *user) chaos(args ...string) *exec.Cmd {
	cmd := exec.Command(u.program, args...)
	cmd.Dir = u.home
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+u.home, "DOCKER_HOST=unix:///nonexistent/docker.sock", "CONTAINER_HOST=unix:///nonexistent/podman.sock")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

// underWay starts a run, and waits until its load has begun.
func (u *user) underWay() (*exec.Cmd, *bytes.Buffer) {
	u.Helper()
	var told bytes.Buffer
	cmd := u.chaos("run", u.scenario("duration: 60s"), "--runtime", "local")
	progress, err := cmd.StderrPipe()
	if err != nil {
		u.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		u.Fatal(err)
	}
	buffer := make([]byte, 4096)
	for !strings.Contains(told.String(), "running in-namespaces") {
		n, err := progress.Read(buffer)
		told.Write(buffer[:n])
		if err != nil {
			u.Fatalf("%v:\n%s", err, told.String())
		}
	}
	return cmd, &told
}

func (u *user) scenario(more string) string {
	u.Helper()
	path := filepath.Join(u.home, "s.yaml")
	text := "name: in-namespaces\ncluster: {replicas: 0}\n" + more + "\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		u.Fatal(err)
	}
	return path
}

// nothingLeft fails unless the journals know of no run, and no process of one lives.
func (u *user) nothingLeft() {
	u.Helper()
	entries, err := filepath.Glob(filepath.Join(u.home, "redis-chaos", "runs", "*", "*.json"))
	if err != nil || len(entries) > 0 {
		u.Errorf("in the journals: %v, %v", entries, err)
	}
	u.noProcesses()
}

// noProcesses waits until none of what the user's runs have started lives.
func (u *user) noProcesses() {
	u.Helper()
	const patience = 10 * time.Second
	var left []string
	for began := time.Now(); time.Since(began) < patience; time.Sleep(20 * time.Millisecond) {
		left = nil
		all, err := filepath.Glob("/proc/[0-9]*/cwd")
		if err != nil {
			u.Fatal(err)
		}
		for _, link := range all {
			if at, err := os.Readlink(link); err == nil && strings.HasPrefix(at, u.home) {
				left = append(left, link+" -> "+at)
			}
		}
		if left == nil {
			return
		}
	}
	u.Errorf("processes live on: %v", left)
}

// Who is not root has every network fault on local processes, in namespaces that nothing is left of.
func TestInNamespaces(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	t.Run("a run", func(t *testing.T) {
		u := &user{t, u.program, u.home}
		var stdout, stderr bytes.Buffer
		cmd := u.chaos("run", u.scenario(`duration: 3s
faults:
  - {at: 500ms, for: 500ms, latency: {node: redis-master-1, delay: 20ms}}
  - {at: 1s, for: 500ms, partition: {node: redis-master-2}}
  - {at: 1500ms, for: 500ms, disconnect: {node: redis-master-3}}`), "--json")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v:\n%s", err, stderr.String())
		}
		var r report.Result
		if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
			t.Fatalf("%v:\n%s", err, stdout.String())
		}
		if len(r.Faults) != 3 {
			t.Fatalf("%d faults:\n%s", len(r.Faults), stderr.String())
		}
		for _, f := range r.Faults {
			if f.Healed == nil || f.Error != "" {
				t.Errorf("%s: %s", f.Kind, f.Error)
			}
		}
		if by := r.Faults[1].Mechanism; by != "nftables" {
			t.Errorf("the partition is by %q", by)
		}
		if want := "isolated mode, in a user namespace"; !strings.Contains(r.Run.Engine, want) {
			t.Errorf("it ran on %s, want %s", r.Run.Engine, want)
		}
		info, err := os.Stat(filepath.Join(u.home, "chaos-runs", r.Run.ID, "result.json"))
		if owner, ok := info.Sys().(*syscall.Stat_t); err != nil || !ok || os.Geteuid() == 0 && owner.Uid != nobody {
			t.Errorf("whose is the report? %v, %v", info, err)
		}
		u.nothingLeft()
	})
	t.Run("an interrupted one", func(t *testing.T) {
		u := &user{t, u.program, u.home}
		cmd, _ := u.underWay()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("%v, want exit status %d", cmd.ProcessState, exitInterrupted)
		}
		u.nothingLeft()
	})
	t.Run("a killed one", func(t *testing.T) {
		u := &user{t, u.program, u.home}
		cmd, _ := u.underWay()
		kill(t, cmd)
		u.noProcesses()
		id, err := os.Readlink(filepath.Join(u.home, "chaos-runs", "latest"))
		if err != nil {
			t.Fatal(err)
		}
		out, err := u.chaos("down", id).Output()
		if want := fmt.Sprintf("%s: removed\n", id); err != nil || string(out) != want {
			t.Errorf("down: %v, %q, want %q", err, out, want)
		}
		u.nothingLeft()
	})
}

// Only what deploys processes of this machine is run in namespaces.
func TestRuntimeAskedFor(t *testing.T) {
	for line, want := range map[string]string{
		"chaos run x.yaml --runtime local":    "local",
		"chaos tune --runtime=docker x":       "docker",
		"chaos run x --set faults[0].for=10s": "auto",
		"chaos matrix x --runtime local":      "local",
		"chaos run --help":                    "",
		"chaos down --all":                    "",
		"chaos up":                            "",
		"chaos version":                       "",
		"chaos":                               "",
		"chaos run --no-such-flag":            "",
	} {
		if got := runtimeAskedFor(strings.Fields(line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
