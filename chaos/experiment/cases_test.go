//go:build cases

package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
)

// Situations from public reports of trouble, each run on the local runtime: its figures
// and causes are its own expectations, and here is of which shard or fault the causes are.
// `make cases` runs them; they take too long for every change.
func TestCases(t *testing.T) {
	for name, causes := range map[string][]string{
		"cut-off-from-clients-only":       {"outage 0 clients_cut_off"},
		"empty-master-returns-fast":       {"loss died faults[0]"},
		"evicted-is-not-lost-by-a-fault":  {"evicted maxmemory-policy allkeys-lru", "no loss by a fault"},
		"four-of-nine-masters":            {"outage 5 full_coverage"},
		"min-replicas-and-a-dead-replica": {"outage 0 min_replicas"},
		"oom-after-failover":              {"outage 0 out_of_memory", "outage 1 out_of_memory", "outage 2 out_of_memory"},
		"planned-failover-no-voters":      {"outage 0 manual_failover"},
		"power-cut":                       {},
		"replica-dropped-by-buffer-limit": {"loss winner_dropped faults[1]"},
		"replica-migration":               {"outage 0 master_down"},
		"replica-no-failover":             {"outage 0 master_down"},
		"replica-restarted-too-late":      {"outage 1 full_coverage"},
		"second-master-dies-too":          {"outage 0 master_down"},
	} {
		t.Run(name, func(t *testing.T) {
			onThisMachine(t, func(t *testing.T, opts Options) {
				file := filepath.Join("testdata", "cases", name+".yaml")
				s, _, err := parse.Load(t.Context(), file, Catalog(), nil)
				if err != nil {
					t.Fatal(err)
				}
				outcome, err := Run(t.Context(), s, opts)
				if err != nil {
					t.Fatal(err)
				}
				r := outcome.Result
				t.Logf("%s\n%s", prose.Headline(r), strings.Join(prose.Story(r), "\n"))
				for _, e := range r.Expectations {
					if !e.OK {
						t.Errorf("%s: want %s, got %s", e.Name, e.Want, e.Shown)
					}
				}
				found := causesOf(r)
				for _, cause := range causes {
					if !slices.Contains(found, cause) {
						t.Errorf("no %q among %q", cause, found)
					}
				}
				if dir := os.Getenv("CASES_OUT"); dir != "" { // to look at
					if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(outcome.Dir)); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// causesOf lists the causes that a result gives, with the shard or the fault.
func causesOf(r *report.Result) (causes []string) {
	for _, o := range r.Outages {
		causes = append(causes, fmt.Sprintf("outage %d %s", o.Shard, o.Cause))
	}
	byFault := false
	for _, w := range r.Workloads {
		for _, l := range w.Writes.Losses {
			cause := fmt.Sprint("loss ", l.Cause)
			if l.Fault != nil {
				byFault = true
				cause += fmt.Sprintf(" faults[%d]", *l.Fault)
			}
			causes = append(causes, cause)
		}
		for _, l := range w.Writes.Removed {
			for _, e := range l.Evidence {
				if e.Kind == "directive" {
					causes = append(causes, fmt.Sprint(l.Cause, " ", e.Name, " ", e.Value))
				}
			}
		}
	}
	if !byFault {
		causes = append(causes, "no loss by a fault")
	}
	return causes
}
