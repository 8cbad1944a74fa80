package experiment

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Clients of each library, probes and replicas are let in over TLS, through a failover too, as a user that has the
// rights alone that the tool needs. The password and the keys are nowhere to be seen: in no artifact, message, journal
// or process list, and not in what the engine tells of the containers.
func TestSecrets(t *testing.T) {
	onEachRuntime(t, func(t *testing.T, opts Options) {
		secret := "s3cret-" + rand.Text()
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		w := &witness{secret: []byte(secret), seen: map[string]bool{}}
		opts.Progress, opts.Status, opts.Warn = w.heard, w.heard, w.heard
		ctx, cancel := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() { w.watch(ctx, opts.Out) })
		outcome, err := Run(t.Context(), parsed(t, `
name: test-secrets
duration: 5s
cluster: {auth: {username: tool, password: "file:`+file+`"}, tls: true, config: {cluster-node-timeout: 1000}}
workloads:
  - {name: plain, clients: 2, rate: 100, keys: 30}
  - {name: other, clients: 2, rate: 100, keys: 30, client: {library: rueidis}}
faults: [{at: 2s, for: 2s, kill: {role: master, shard: 0}}]
expect: {failovers: 1, recovered: true}
`), opts)
		cancel()
		watching.Wait()
		if err != nil {
			t.Fatal(err)
		}
		r := outcome.Result
		if r.Verdict != report.Pass {
			t.Errorf("%s: %+v", r.Verdict, r.Expectations)
		}
		for directive, want := range map[string]string{"masterauth": "(hidden)", "masteruser": "tool", "tls-cluster": "yes"} {
			if got := r.Run.Config[directive]; got != want {
				t.Errorf("%s is reported as %q", directive, got)
			}
		}
		if !strings.HasPrefix(r.Run.Config["user"], "default off; tool on (hidden) ~* &* -@all +") {
			t.Errorf("user is reported as %q", r.Run.Config["user"])
		}
		w.folder(outcome.Dir)
		for place := range w.seen {
			t.Errorf("the secret is in %s", place)
		}
	})
}

// A right that a user lacks is named where a command of the run needs it.
func TestMissingRight(t *testing.T) {
	t.Parallel()
	cluster := scenarios.Cluster{Auth: &scenarios.Auth{Username: "app", Password: scenarios.SecretRandom}}
	refused := fmt.Errorf("CONFIG SET to redis-master-1: %w", compose.Answer("NOPERM User app has no permissions to run the 'config|set' command"))
	if err := explained(cluster, refused); !strings.HasSuffix(err.Error(), ": user app needs another right: ACL SETUSER app +config|set on every node; docs/security.md lists the rights that the tool needs") {
		t.Error(err)
	}
	for _, other := range []error{nil, context.Canceled, compose.Answer("ERR no")} {
		if err := explained(cluster, other); err != other {
			t.Errorf("%v is explained: %v", other, err)
		}
	}
}

// witness looks for a secret in all that others can see of a run.
type witness struct {
	secret []byte
	mu     sync.Mutex
	seen   map[string]bool // where it was
}

func (w *witness) look(place string, text []byte) {
	if bytes.Contains(text, w.secret) || bytes.Contains(text, []byte("PRIVATE KEY")) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen[place] = true
	}
}

func (w *witness) heard(line string) { w.look("message "+line, []byte(line)) }

// folder looks at all files in a folder. Some may go meanwhile.
func (w *witness) folder(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			w.look(path, text)
		}
		return nil
	})
}

// watch looks, until ctx ends, at the folders of runs in out, at the journals, at what processes are called by, and at what
// the engine tells, where there is one.
func (w *witness) watch(ctx context.Context, out string) {
	engine, _ := docker.Connect(ctx)
	for ctx.Err() == nil {
		w.folder(out)
		if journals, err := journal.Folder(); err == nil {
			w.folder(journals)
		}
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, line := range lines {
			text, _ := os.ReadFile(line)
			if bytes.Contains(text, w.secret) {
				w.look(fmt.Sprintf("a command line: %q", text), text)
			}
		}
		if engine != nil {
			w.engine(ctx, engine, out)
		}
		time.Sleep(200 * time.Millisecond)
	}
	if engine != nil {
		engine.Close()
	}
}

func (w *witness) engine(ctx context.Context, e *docker.Engine, out string) {
	runs, _ := os.ReadDir(out)
	for _, run := range runs {
		containers, _ := e.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", docker.RunLabel+"="+run.Name()))})
		for _, c := range containers {
			if told, err := e.ContainerInspect(ctx, c.ID); err == nil {
				text, _ := json.Marshal(told)
				w.look("docker inspect", text)
			}
		}
	}
}

// A secret is looked up where the scenario says, and that it is not there names the place.
func TestSecret(t *testing.T) {
	t.Setenv("CHAOS_TEST_SECRET", "from the environment")
	t.Setenv("CHAOS_TEST_EMPTY", "")
	dir := t.TempDir()
	for name, content := range map[string]string{"unix": "in a file\n", "windows": "in a file\r\n", "spaces": " in a file ", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, want := range map[string]string{
		"${CHAOS_TEST_SECRET}": "from the environment", "file:" + dir + "/unix": "in a file",
		"file:" + dir + "/windows": "in a file", "file:" + dir + "/spaces": " in a file ",
	} {
		if got, err := secret(scenarios.Secret(from)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", from, string(got), err)
		}
	}
	for from, want := range map[string]string{
		"${CHAOS_TEST_UNSET}": "the environment variable CHAOS_TEST_UNSET is not set", "${CHAOS_TEST_EMPTY}": "the environment variable CHAOS_TEST_EMPTY is empty",
		"file:" + dir + "/none": "no such file", "file:" + dir + "/empty": "/empty is empty",
	} {
		if _, err := secret(scenarios.Secret(from)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", from, err)
		}
	}
	if a, err := secret(scenarios.SecretRandom); err != nil || len(a) < 20 || fmt.Sprintf("%v %q %+v %#v", a, a, struct{ P any }{a}, a) != `(hidden) "(hidden)" {P:(hidden)} (hidden)` {
		t.Errorf("%v, %d characters", err, len(a))
	}
}
