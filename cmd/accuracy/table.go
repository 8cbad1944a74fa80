package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/words"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// The bounds, in ms.
const (
	firstWriteBound = 15 // after the winner's log line, for 95 % of all failovers; and never before it
	failBound       = 25 // before or after the first log line that says FAIL
)

// sample is one failover: figures of the report, less the times of the log lines
// that they should be close to, in ms.
type sample struct {
	failover
	server     string
	firstWrite float64 // less the winner's “Failover election won”
	fail       float64 // less the first line that says that the old master failed
	flag       float64 // likewise, of the first node that was seen to flag it; NaN if none was
	total      float64 // first_write_ms
}

// table collects samples.
type table struct {
	samples []sample
	missing []string // runs without a failover that could be measured
}

// add takes in a run.
func (t *table) add(f failover, s *scenarios.Scenario, outcome *experiment.Outcome) error {
	file, err := os.Open(filepath.Join(outcome.Dir, "events.ndjson"))
	if err != nil {
		return err
	}
	defer file.Close()
	events, err := record.Read(file)
	if err != nil {
		return err
	}
	r := outcome.Result
	run := fmt.Sprintf("%s, %s, %s", f.runtime, f.kind(), f.timeout)
	if len(r.Failovers) != 1 {
		t.missing = append(t.missing, fmt.Sprintf("%s: %d failovers", run, len(r.Failovers)))
		return nil
	}
	o := r.Failovers[0]
	if o.Fault == nil || o.FirstWrite == nil || o.Fail == nil {
		t.missing = append(t.missing, fmt.Sprintf("%s: %v", run, o.Unmeasured))
		return nil
	}
	effective := *r.Faults[0].Effective
	won, failed, flagged := record.Millis(math.NaN()), record.Millis(math.NaN()), record.Millis(math.NaN())
	for _, e := range events {
		switch d := e.Data.(type) {
		case *record.Log:
			if d.Kind == record.LogElectionWon && d.Node == o.NewMaster {
				won = record.Millis(earliest(float64(won), float64(e.At)))
			}
			if (d.Kind == record.LogMarkedFail || d.Kind == record.LogFailReceived) && d.Subject == o.OldMaster {
				failed = record.Millis(earliest(float64(failed), float64(e.At)))
			}
		case *record.NodeFlag:
			if d.Flag == "fail" && d.Subject == o.OldMaster {
				flagged = record.Millis(earliest(float64(flagged), float64(e.At)))
			}
		}
	}
	if math.IsNaN(float64(won)) || math.IsNaN(float64(failed)) {
		t.missing = append(t.missing, run+": the logs tell of no election, or of no failure")
		return nil
	}
	t.samples = append(t.samples, sample{
		failover: f, server: fmt.Sprintf("%s %s", r.Run.Server.Name, r.Run.Server.Version), total: float64(*o.FirstWrite),
		firstWrite: float64(effective + *o.FirstWrite - won), fail: float64(effective + *o.Fail - failed), flag: float64(flagged - failed),
	})
	return nil
}

func earliest(a, b float64) float64 {
	if math.IsNaN(a) || b < a {
		return b
	}
	return a
}

// held tells whether the bounds are.
func (t *table) held() bool {
	firstWrites := column(t.samples, func(s sample) float64 { return s.firstWrite })
	fails := column(t.samples, func(s sample) float64 { return math.Abs(s.fail) })
	return len(t.samples) > 0 && len(t.missing) == 0 && firstWrites[0] >= 0 && percentile(firstWrites, 0.95) <= firstWriteBound && fails[len(fails)-1] <= failBound
}

// column is a figure of all samples, in order of size.
func column(samples []sample, figure func(sample) float64) []float64 {
	var all []float64
	for _, s := range samples {
		if v := figure(s); !math.IsNaN(v) {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

// percentile is the nearest rank's.
func percentile(sorted []float64, p float64) float64 {
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}

// markdown is the page of the docs.
func (t *table) markdown() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Accuracy")
	line("")
	line("How true the times of a failover are: figures of the report, less the times of the servers' own log lines that they")
	line("should be close to, over %d failovers. Log lines carry milliseconds, cut off. Made by `make accuracy`, on %s.", len(t.samples), time.Now().UTC().Format("2 January 2006"))
	line("")
	line("- **first write**: `first_write_ms`, less “Failover election won” in the log of the new master. Bound: never negative, and")
	line("  at most %d ms for 95 %% of all failovers. Probes are sent every 5 ms.", firstWriteBound)
	line("- **fail**: `fail_ms`, less the first line of any log that says that the old master failed. Bound: %d ms.", failBound)
	line("- **flag**: when a node was first seen to flag the old master as `fail` by asking all nodes, less the same log line:")
	line("  what `fail_ms` would be without logs. No bound.")
	line("")
	line("| runtime | server | fault | cluster-node-timeout | failovers | failover (median) | first write: least | median | p95 | most | fail: least | most | flag: median | most |")
	line("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	type group struct {
		failover
		server string
	}
	var groups []group
	for _, s := range t.samples {
		if g := (group{s.failover, s.server}); !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	for _, g := range groups {
		var some []sample
		for _, s := range t.samples {
			if s.failover == g.failover && s.server == g.server {
				some = append(some, s)
			}
		}
		line("| %s | %s | %s | %d ms | %s", g.runtime, g.server, g.kind(), g.timeout.Milliseconds(), figures(some))
	}
	if len(t.samples) > 0 {
		line("| **all** | | | | %s", figures(t.samples))
	}
	line("")
	for _, m := range t.missing {
		line("- Not measured: %s.", m)
	}
	if t.held() {
		line("All bounds hold.")
	} else {
		line("**Not all bounds hold.**")
	}
	return b.String()
}

// figures are the cells of a row.
func figures(samples []sample) string {
	firstWrite := column(samples, func(s sample) float64 { return s.firstWrite })
	fail := column(samples, func(s sample) float64 { return s.fail })
	flag := column(samples, func(s sample) float64 { return s.flag })
	total := column(samples, func(s sample) float64 { return s.total })
	cells := []string{fmt.Sprint(len(samples)), words.Duration(record.Millis(percentile(total, 0.5)))}
	ms := func(v float64) { cells = append(cells, fmt.Sprintf("%.1f ms", v)) }
	ms(firstWrite[0])
	ms(percentile(firstWrite, 0.5))
	ms(percentile(firstWrite, 0.95))
	ms(firstWrite[len(firstWrite)-1])
	ms(fail[0])
	ms(fail[len(fail)-1])
	if len(flag) == 0 {
		return strings.Join(append(cells, "–", "–"), " | ") + " |"
	}
	ms(percentile(flag, 0.5))
	ms(flag[len(flag)-1])
	return strings.Join(cells, " | ") + " |"
}
