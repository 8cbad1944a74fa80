//go:build linux

package attack

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
)

// calm is a short run whose expectations hold where nothing happens to it.
const calm = `name: test-attacked
duration: 3s
recovery_timeout: 5s
cluster: {config: {cluster-node-timeout: 1000}}
workloads:
  - {name: orders, clients: 4, rate: 200, keys: 50, client: {preset: fast-failover}}
expect: {lost_writes: 0, recovered: true}
`

// hostileServers are the kinds of beServer, those that end soon first.
func hostileServers() []string {
	kinds := []string{
		"version without end", "dies with a long last word", "says noise", "says a bulk beyond memory",
		"version and more without end", "version never", "version held by a child", "version of noise", "version with ANSI sequences",
		"version of an ANSI sequence", "version of long ago", "version beyond numbers", "version of nothing", "version of another program",
		"deaf", "dies of a signal", "floods its log", "floods its log with one line", "leaves for the background",
	}
	for _, kind := range slices.Sorted(maps.Keys(answers())) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// hostile is a run whose servers are of a kind.
func hostile(t *testing.T, kind, scenario string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	server := filepath.Join(t.TempDir(), "redis-server")
	if err := os.Symlink(self, server); err != nil {
		t.Fatal(err)
	}
	p := prepareRun(t, "local", file(t, "s.yaml", scenario), "--redis-server", server).limited()
	p.cmd.Env = append(p.cmd.Env, serverEnv+"="+kind)
	return p
}

// No server, whatever it says or does, has a run pass, hang or panic; and it is gone after.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	for _, kind := range quick(hostileServers(), 4) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			// A server that runs may take half a minute to answer.
			p := hostile(t, kind, calm).run(t, 90*time.Second)
			if p.code() != exitNotRun {
				t.Errorf("%s\nwant exit %d", p.told(), exitNotRun)
			}
			if n := p.stderr.Len() + p.stdout.Len(); n > 20_000 {
				t.Errorf("what it says has %d bytes", n)
			}
			if r, ok := result(t, p); ok && r.Verdict != report.Error {
				t.Errorf("the verdict is %s", r.Verdict)
			}
			nothingLeft(t, p, nil)
		})
	}
}

// A cluster that acks what it does not keep is found out, to the last write.
func TestServersThatForget(t *testing.T) {
	t.Parallel()
	needRoot(t)
	needServer(t)
	p := hostile(t, "forgets", calm).run(t, 2*time.Minute)
	r, ok := result(t, p)
	if !ok || p.code() != exitExpectation || r.Writes.Lost == nil || *r.Writes.Lost != r.Writes.Acked || r.Writes.Acked == 0 {
		t.Errorf("%s\nof %+v", p.told(), r.Writes)
	}
	nothingLeft(t, p, nil)
}
