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
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Situations from public reports of trouble, each run on the local runtime: its figures
// are its own expectations, and its causes are those here. `make cases` runs them; they
// take too long for every change.
func TestCases(t *testing.T) {
	for name, causes := range map[string][]string{
		"cut-off-from-clients-only":       {"missed reached_by_peers", "outage 0 master_down"},
		"empty-master-returns-fast":       {"loss died faults[0]"},
		"evicted-is-not-lost-by-a-fault":  {"loss unknown maxmemory-policy allkeys-lru", "no loss by a fault"},
		"four-of-nine-masters":            {"outage 5 full_coverage"},
		"min-replicas-and-a-dead-replica": {"outage 0 min_replicas"},
		"oom-after-failover":              {"outage 0 out_of_memory", "outage 1 out_of_memory", "outage 2 out_of_memory"},
		"planned-failover-no-voters":      {"outage 0 manual_failover"},
		"power-cut":                       {"missed shorter_than_timeout"},
		"replica-dropped-by-buffer-limit": {"loss winner_not_in_sync faults[1]"},
		"replica-migration":               {"outage 0 master_down"},
		"replica-no-failover":             {"missed replica_no_failover"},
		"replica-restarted-too-late":      {"missed replica_stale", "outage 1 full_coverage"},
		"second-master-dies-too":          {"outage 0 master_down"},
	} {
		t.Run(name, func(t *testing.T) {
			onThisMachine(t, func(t *testing.T, opts Options) {
				file := filepath.Join("testdata", "cases", name+".yaml")
				s, _, err := scenarios.Load(file, Catalog(), nil)
				if err != nil {
					t.Fatal(err)
				}
				outcome, err := Run(t.Context(), s, opts)
				if err != nil {
					t.Fatal(err)
				}
				r := outcome.Result
				t.Logf("%s\n%s", report.Headline(r), strings.Join(report.Story(r), "\n"))
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

// causesOf lists the causes that a result gives.
func causesOf(r *report.Result) (causes []string) {
	add := func(cause string) {
		if !slices.Contains(causes, cause) {
			causes = append(causes, cause)
		}
	}
	for _, m := range r.Missed {
		add(fmt.Sprint("missed ", m.Cause))
	}
	for _, o := range r.Outages {
		add(fmt.Sprintf("outage %d %s", o.Shard, o.Cause))
	}
	byFault := false
	for _, w := range r.Workloads {
		for _, l := range w.Writes.Losses {
			cause := fmt.Sprint("loss ", l.Cause)
			for _, e := range l.Evidence {
				if e.Kind == "directive" && l.Fault == nil {
					cause += " " + e.Name + " " + e.Value
				}
			}
			if l.Fault != nil {
				byFault = true
				cause += fmt.Sprintf(" faults[%d]", *l.Fault)
			}
			add(cause)
		}
	}
	if !byFault {
		add("no loss by a fault")
	}
	return causes
}
