package experiment

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// Clients of each library, probes and replicas are let in, through a failover too, and nobody is
// without the password. No file that the run leaves holds it, but the
// redis.conf that its containers were started with.
func TestPassword(t *testing.T) {
	onEachRuntime(t, func(t *testing.T, opts Options) {
		outcome, err := Run(t.Context(), parsed(t, `
name: test-password
duration: 4s
cluster: {password: random, config: {cluster-node-timeout: 1000}}
workloads:
  - {name: plain, clients: 2, rate: 100, keys: 30}
  - {name: other, clients: 2, rate: 100, keys: 30, client: {library: rueidis}}
faults: [{at: 1s, for: 2s, kill: {role: master, shard: 0}}]
expect: {failovers: 1, recovered: true}
`), opts)
		if err != nil {
			t.Fatal(err)
		}
		if r := outcome.Result; r.Verdict != report.Pass || r.Run.Config["requirepass"] != "(hidden)" || r.Run.Config["masterauth"] != "(hidden)" {
			t.Errorf("%s: %+v, %v", r.Verdict, r.Expectations, r.Run.Config)
		}
		told := regexp.MustCompile(`(requirepass|masterauth)"?[ :]+"?[A-Z2-7]{26}`)
		err = filepath.WalkDir(outcome.Dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "redis.conf" {
				return err
			}
			text, err := os.ReadFile(path)
			if found := told.Find(text); found != nil {
				t.Errorf("%s has the password: %s", path, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
