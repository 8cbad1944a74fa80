package remote

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/compose/remote/plaintest"
)

const password = "the secret of the test"

// TestMain has go-redis not log each dial that fails, which is what these tests are about.
func TestMain(m *testing.M) {
	logging.Disable()
	os.Exit(m.Run())
}

// brought names a cluster by one of its addresses.
func brought(c *plaintest.Cluster) compose.Brought {
	return compose.Brought{Addrs: c.Addrs[4:5], Access: compose.Access{Password: password}, Progress: func(string) {}, Warn: func(string) {}}
}

func bring(t *testing.T, b compose.Brought) (*compose.Found, *Cluster) {
	t.Helper()
	f, err := host{}.Bring(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return f, f.Cluster.(*Cluster)
}

// commandLine is what a node's process is called by.
func commandLine(t *testing.T, c *Cluster, node string) string {
	t.Helper()
	pid, err := c.PID(t.Context(), node)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimRight(text, "\x00"))
}

// await waits for something that a watcher is told of a node.
func await(t *testing.T, seen <-chan compose.Happening, node string, action compose.Action) {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case h := <-seen:
			if h.Node == node && h.Action == action {
				return
			}
		case <-late:
			t.Fatalf("%s: nothing is told of %s", node, action)
		}
	}
}

// killed ends a node, and starts it again.
func killed(t *testing.T, c *Cluster, seen <-chan compose.Happening, node string) {
	t.Helper()
	if err := c.Signal(t.Context(), node, "SIGKILL"); err != nil {
		t.Fatal(err)
	}
	await(t, seen, node, compose.Died)
	if is, err := c.Condition(t.Context(), node); is.Running || err != nil {
		t.Errorf("after its end: %+v, %v", is, err)
	}
	if err := c.Start(t.Context(), node); err != nil {
		t.Fatal(err)
	}
	await(t, seen, node, compose.Started)
}

// asFound waits until all servers answer, and fails unless they have the directives that they were found with.
func asFound(t *testing.T, c *Cluster) {
	t.Helper()
	for _, n := range c.nodes {
		var now map[string]string
		var err error
		for began := time.Now(); now == nil && time.Since(began) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
			now, err = c.ask(t.Context(), n.Node)
		}
		if changed := differences(n.settings, now); changed != nil || err != nil {
			t.Errorf("%s: %v, %v", n.Name, changed, err)
		}
	}
}

// TestProcesses does what can be done to the servers of a cluster that somebody else has started, and which are processes
// of this machine.
func TestProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux, where processes are found")
	}
	t.Parallel()
	plain := plaintest.Start(t, 2, password, "--maxmemory", "100mb", "--client-output-buffer-limit", "replica 64mb 16mb 30")
	f, c := bring(t, brought(plain))
	first := c.Nodes()[0].Name
	seen, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	t.Run("found", func(t *testing.T) {
		if n := len(c.Nodes()); n != 9 || f.Layout.Shards() != 3 {
			t.Errorf("%d nodes of %d shards", n, f.Layout.Shards())
		}
		for _, a := range []compose.Ability{compose.Signalling, compose.Starting, compose.Debugging} {
			if why := f.Lacks(a); why != "" {
				t.Errorf("it cannot %s: %s", a, why)
			}
		}
		if why := f.Lacks(compose.Shaping); !strings.Contains(why, "write a hook") {
			t.Errorf("packets: %q", why)
		}
		var busy *journal.InProgressError
		if _, err := (host{}).Bring(t.Context(), brought(plain)); !errors.As(err, &busy) {
			t.Errorf("it is brought twice: %v", err)
		}
	})
	t.Run("killed", func(t *testing.T) {
		before := commandLine(t, c, first)
		killed(t, c, seen, first)
		asFound(t, c)
		if _, now, _ := strings.Cut(commandLine(t, c, first), " "); !strings.HasSuffix(before, now) {
			t.Errorf("it runs as %q, and ran as %q", now, before)
		}
	})
	t.Run("frozen", func(t *testing.T) {
		if err := c.Pause(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		for is := (compose.Condition{}); !is.Paused; {
			if is, err = c.Condition(t.Context(), first); err != nil || !is.Running {
				t.Fatalf("%+v, %v", is, err)
			}
		}
		if err := c.Unpause(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		await(t, seen, first, compose.Unpaused)
		asFound(t, c)
	})
	t.Run("left", func(t *testing.T) {
		at := c.Nodes()[0].HostAddr
		if _, err := plain.Ask(t.Context(), at, "CONFIG", "SET", "maxmemory", "50mb"); err != nil {
			t.Fatal(err)
		}
		err := c.left(t.Context())
		if want := `NOT LEFT AS IT WAS FOUND: ` + first + `: directives are not as they were: maxmemory is "52428800" and was "104857600"`; err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
		if _, err := plain.Ask(t.Context(), at, "CONFIG", "SET", "maxmemory", "100mb"); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("by another process", func(t *testing.T) {
		if err := c.Signal(t.Context(), first, "SIGKILL"); err != nil {
			t.Fatal(err)
		}
		await(t, seen, first, compose.Died)
		if err := f.Leave(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "NOT LEFT AS IT WAS FOUND: "+first) {
			t.Fatalf("a server is down: %v", err)
		}
		path, err := c.memory().path()
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path); err != nil || bytes.Contains(text, []byte(password)) {
			t.Fatalf("what is noted: %s, %v", text, err)
		}
		b := brought(plain)
		b.Unwell = true
		healing, again := bring(t, b)
		if healing.Name != f.Name {
			t.Errorf("it is called %s, and was %s", healing.Name, f.Name)
		}
		if err := again.Start(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if err := healing.Leave(t.Context()); err != nil {
			t.Error(err)
		}
		asFound(t, c)
		if _, err := os.Stat(path); err == nil {
			t.Error("what was noted stays")
		}
	})
}

// A server that shows what it was started with is started with the same.
func TestTheSameArguments(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux, where processes are found")
	}
	t.Parallel()
	plain := plaintest.Start(t, 0, "", "--set-proc-title", "no", "--appendonly", "yes")
	f, err := host{}.Bring(t.Context(), compose.Brought{Addrs: slices.Clone(plain.Addrs)})
	if err != nil {
		t.Fatal(err)
	}
	c := f.Cluster.(*Cluster)
	seen, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines, node := make(chan string, 1000), c.Nodes()[1]
	go func() {
		_ = c.Follow(t.Context(), node.Name, func(l compose.LogLine) { lines <- l.Text }) // that nothing is told fails the test
	}()
	before := commandLine(t, c, node.Name)
	killed(t, c, seen, node.Name)
	if now := commandLine(t, c, node.Name); now != before || !strings.Contains(now, "\x00--set-proc-title\x00no") {
		t.Errorf("it runs as %q, and ran as %q", now, before)
	}
	asFound(t, c)
	for line := range lines {
		if strings.Contains(line, "Ready to accept connections") {
			break
		}
	}
	if err := f.Leave(t.Context()); err != nil {
		t.Error(err)
	}
}
