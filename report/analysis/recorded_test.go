package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// figure is a nullable number of milliseconds as text, to 0.1 ms.
func figure(ms *record.Millis) string {
	if ms == nil {
		return "null"
	}
	return fmt.Sprintf("%.1f", *ms)
}

// What is told of each recorded run. The figures were checked by hand against
// the engine's events and the servers' own log lines, which are in the record.
func TestRecordedRuns(t *testing.T) {
	for name, want := range map[string]struct {
		verdict report.Verdict
		// pfail, fail, election, promoted, first write, client recovery, converged, redundant, split brain
		failovers   []string
		unavailable string // by shard
		acked, lost int64
		lossWindow  string
	}{
		"master-kill": {
			verdict:     report.Pass,
			failovers:   []string{"0 redis-master-1>redis-replica-1: 5828.7 7329.7 7921.7 7924.7 7928.3 8348.4 7968.3 20036.8 0.0"},
			unavailable: "7964.1 600.6 599.8", acked: 59537,
		},
		// The server stops taking writes at SIGTERM, 0.66 s before it ends.
		"master-stop": {
			verdict:     report.Fail, // the client found the new master only when the old one was back
			failovers:   []string{"0 redis-master-1>redis-replica-1: 5156.1 7133.5 8125.5 8126.5 8130.9 15859.5 8167.5 19214.8 0.0"},
			unavailable: "8765.0 1001.7 1001.8", acked: 58418,
		},
		"master-pause": {
			verdict:     report.Fail, // likewise
			failovers:   []string{"0 redis-master-1>redis-replica-1: 5629.0 6872.6 7756.6 7758.6 7762.6 15156.8 7798.1 20081.7 0.0"},
			unavailable: "7764.4 889.9 890.3", acked: 59888,
		},
		"master-pause-short": {verdict: report.Pass, unavailable: "2020.0 0.0 0.0", acked: 30000},
		// The old master acks for 2.8 s more; all of that is lost. It agrees on the
		// new one only when the partition heals.
		"master-partition": {
			verdict:     report.Pass,
			failovers:   []string{"0 redis-master-1>redis-replica-1: 2002.4 3009.8 3687.8 3690.8 3694.5 3947.2 15555.1 21008.6 0.0"},
			unavailable: "981.2 686.4 686.5", acked: 59821, lost: 1918, lossWindow: "6008 8792",
		},
		// The tool was stopped from 3.50 to 13.51 s. What is known of the failover is from the
		// servers' logs, and all else between two bounds, or not measured.
		"suspended": {
			verdict:     report.Fail,
			failovers:   []string{"0 redis-master-1>redis-replica-1: null 3001.5 3807.5 3808.5 null null null 17812.2 null"},
			unavailable: "null null null", acked: 3092,
		},
		"replica-kill":       {verdict: report.Pass, unavailable: "0.0 0.0 0.0", acked: 50000},
		"double-master-kill": {verdict: report.Pass, unavailable: "17545.5 17539.6 14290.2", acked: 78303},
	} {
		t.Run(name, func(t *testing.T) {
			r := analysis.Analyze(sample.Recorded(t, name))
			var failovers, unavailable []string
			for _, f := range r.Failovers {
				text := fmt.Sprintf("%d %s>%s:", f.Shard, f.OldMaster, f.NewMaster)
				for _, ms := range []*record.Millis{f.PFail, f.Fail, f.Election, f.Promoted, f.FirstWrite, f.ClientRecovery, f.Converged, f.Redundant, f.SplitBrain} {
					text += " " + figure(ms)
				}
				failovers = append(failovers, text)
			}
			for _, s := range r.Shards {
				unavailable = append(unavailable, figure(s.Unavailable))
			}
			if r.Verdict != want.verdict || !slices.Equal(failovers, want.failovers) || strings.Join(unavailable, " ") != want.unavailable {
				t.Errorf("%s\n got %q, unavailable %q\nwant %q, unavailable %q", r.Verdict, failovers, unavailable, want.failovers, want.unavailable)
			}
			window := ""
			if w := r.Writes.LossWindow; w != nil {
				window = fmt.Sprintf("%.0f %.0f", w[0], w[1])
			}
			if r.Writes.Acked != want.acked || *r.Writes.Lost != want.lost || window != want.lossWindow {
				t.Errorf("acked %d, lost %d in %q; want %d, %d in %q", r.Writes.Acked, *r.Writes.Lost, window, want.acked, want.lost, want.lossWindow)
			}
			if !*r.Recovered || r.Writes.Attempted != r.Writes.Acked+r.Writes.Failed+r.Writes.Indeterminate {
				t.Errorf("recovered %v, writes %+v", *r.Recovered, r.Writes)
			}
		})
	}
}
