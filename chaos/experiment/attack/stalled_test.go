//go:build linux && attack

package attack

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
)

// stalling passes on what is said to an engine and what that says, until it stalls: then it takes all that comes in,
// and says nothing.
type stalling struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	stalled  bool
	running  sync.WaitGroup
}

// stallable is in front of an engine for the time of a test, at a socket of its own.
func stallable(t *testing.T, e *docker.Engine) (s *stalling, host string) {
	t.Helper()
	to, isSocket := strings.CutPrefix(e.DaemonHost(), "unix://")
	if !isSocket {
		t.Skipf("the engine is at %s, and not at a socket", e.DaemonHost())
	}
	dir, err := os.MkdirTemp("", "stall") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s = &stalling{listener: listener, to: to}
	s.running.Go(s.accept)
	t.Cleanup(func() {
		listener.Close()
		os.RemoveAll(dir)
	})
	return s, "unix://" + path
}

func (s *stalling) accept() {
	for {
		from, err := s.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("unix", s.to)
		if err != nil {
			from.Close()
			continue
		}
		go s.pass(from, to)
		go s.pass(to, from)
	}
}

// pass copies until either end is closed. While it stalls, it keeps what it has read.
func (s *stalling) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	part := make([]byte, 32<<10)
	for {
		n, err := from.Read(part)
		for s.is() {
			time.Sleep(10 * time.Millisecond)
		}
		if _, failed := to.Write(part[:n]); failed != nil || err != nil {
			return
		}
	}
}

func (s *stalling) is() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stalled
}

func (s *stalling) stall(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = on
}

// An engine that stops answering while faults are in force ends the run, which says what it could not heal and how a
// person does it; once it answers again, chaos heal does. A target that somebody removes ends the run as well, and
// leaves nothing to be healed.
func TestEngineTrouble(t *testing.T) {
	t.Parallel()
	e := enginetest.Need(t)
	name := fmt.Sprintf("test-trouble-%d", os.Getpid())
	if d := prepare(t, "up", "--name", name, "--config", "cluster-node-timeout=2000", "--out", filepath.Join(folder(t), "up")).run(t, 3*time.Minute); d.code() != exitOK {
		t.Fatalf("up: %s", d.told())
	}
	t.Cleanup(func() {
		if d := prepare(t, "down", name).run(t, 2*time.Minute); d.code() != exitOK {
			t.Errorf("down: %s", d.told())
		}
	})
	run := func(t *testing.T, fault string, env ...string) *program {
		p := prepare(t)
		p.cmd.Args = append(p.cmd.Args, "run", file(t, "s.yaml", "name: test-trouble\nduration: 10s\nrecovery_timeout: 10s\nfaults:\n- "+fault+"\n"), "--on", name, "--out", p.out)
		p.cmd.Env = append(p.cmd.Env, env...)
		p.start(t, 5*time.Minute)
		return p
	}
	t.Run("it stops answering", func(t *testing.T) {
		proxy, host := stallable(t, e)
		p := run(t, "{at: 500ms, for: 3s, pause: {node: redis-replica-1}}", "DOCKER_HOST="+host)
		if !p.until("pause redis-replica-1", time.Second) {
			t.Fatal(p.told())
		}
		proxy.stall(true)
		p.until("NOT HEALED", 0)
		proxy.stall(false)
		p.wait(t)
		told := p.stderr.String() + p.stdout.String()
		for _, want := range []string{"NOT HEALED: pause of redis-replica-1: ", "context deadline exceeded", "by hand: docker "} {
			if !strings.Contains(told, want) {
				t.Errorf("it does not say %q: %s", want, p.told())
			}
		}
		if report, err := os.ReadFile(filepath.Join(p.dir(), "report.md")); p.code() != exitNotRun || err != nil || !strings.Contains(string(report[:min(len(report), 600)]), "NOT HEALED") {
			t.Errorf("%v; its report begins with\n%.600s\n%s", err, report, p.told())
		}
		if heal := prepare(t, "heal", name).run(t, time.Minute); heal.code() != exitOK {
			t.Errorf("heal: %s", heal.told())
		}
		awaitOK(t, name)
	})
	t.Run("a target is removed", func(t *testing.T) {
		p := run(t, "{at: 500ms, for: 3s, starve: {node: redis-replica-1}}")
		if !p.until("starve redis-replica-1", time.Second) {
			t.Fatal(p.told())
		}
		nodes, err := e.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", docker.RunLabel+"="+name), filters.Arg("label", docker.NodeLabel+"=redis-replica-1"))})
		if err != nil || len(nodes) != 1 {
			t.Fatalf("%d nodes, %v", len(nodes), err)
		}
		if err := e.ContainerRemove(context.Background(), nodes[0].ID, container.RemoveOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
		p.wait(t)
		if told := p.stderr.String(); p.code() != exitNotRun || !strings.Contains(told, "limit the CPU of redis-replica-1: somebody else has removed it") || strings.Contains(told, "by hand") {
			t.Errorf("%s", p.told())
		}
		heal := prepare(t, "heal", name).run(t, time.Minute)
		if heal.code() != exitOK || !strings.Contains(heal.stdout.String(), "gone: starve of redis-replica-1") {
			t.Errorf("heal: %s", heal.told())
		}
	})
}
