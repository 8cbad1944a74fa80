package analysis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios/expect"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// What comes in a hole of the record is given by the logs, or between two bounds, or not at
// all, and never as if it had come when it was seen.
func TestHoles(t *testing.T) {
	figures := func(r *report.Result) string {
		f := r.Failovers[0]
		var all []string
		for _, figure := range []struct {
			name string
			ms   *record.Millis
		}{{"pfail_ms", f.PFail}, {"fail_ms", f.Fail}, {"promoted_ms", f.Promoted}, {"first_write_ms", f.FirstWrite},
			{"client_recovery_ms", f.ClientRecovery}, {"converged_ms", f.Converged}, {"redundant_ms", f.Redundant}, {"split_brain_ms", f.SplitBrain}} {
			text := sample.Show(figure.ms)
			if bounds, ok := f.Bounds[figure.name]; ok {
				text = fmt.Sprintf("%.0f-%.0f", bounds[0], bounds[1])
				if figure.ms != nil || f.Reasons[figure.name].Between == nil {
					t.Errorf("%s: %s and %+v", figure.name, sample.Show(figure.ms), f.Reasons[figure.name])
				}
			}
			all = append(all, text)
		}
		return strings.Join(all, " ")
	}
	for name, test := range map[string]struct {
		from, to record.Millis // the hole
		figures  string
		shard0   string // unavailable_ms
	}{
		"none":                       {0, 0, "2000 2499 3000 3004 3500 3060 5500 0", "3004"},
		"too short":                  {3700, 4003, "2000 2499 3000 3004 3500 3060 5500 0", "3004"},
		"before":                     {100, 900, "2000 2499 3000 3004 3500 3060 5500 0", "3004"},
		"over the suspicion":         {1200, 2990, "200-2000 2499 3000 3004 3000-3500 3060 5500 0", "1214-3004"},
		"over the first write":       {3300, 4003, "2000 2499 3000 3004 3000-3500 3060 5500 0", "2301-3004"},
		"after the election":         {4001, 4003, "2000 2499 3000 3004 3500 3060 5500 0", "3004"},
		"over the redundancy":        {5900, 6490, "2000 2499 3000 3004 3500 3060 4900-5500 0-590", "3004"},
		"over all from the fault on": {1005, 4002, "5-2000 2499 3000 3004 3000-3500 3060 5500 0", "7-3004"},
	} {
		events := sample.AFailover()
		if test.to > 0 {
			events = append(events, sample.At(test.to, &record.Starved{For: test.to - test.from}))
		}
		r := Analyze(sample.OneFault(), events)
		if got := figures(r); got != test.figures {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.figures)
		}
		got := sample.Show(r.Shards[0].Unavailable)
		if bounds, ok := r.Shards[0].Bounds["unavailable_ms"]; ok {
			got = fmt.Sprintf("%.0f-%.0f", bounds[0], bounds[1])
		}
		if got != test.shard0 {
			t.Errorf("%s: shard 0 was unavailable for %s, want %s", name, got, test.shard0)
		}
	}
}

// An expectation holds if it does whatever the figure was within its bounds, and what only the
// workloads' operations tell is not measured.
func TestExpectationsWithHoles(t *testing.T) {
	s := sample.OneFault()
	for _, test := range []struct{ name, bound, want string }{
		{"client_recovery", "<= 3600ms", "true 3000-3500"},
		{"client_recovery", "<= 3200ms", "false 3000-3500"},
		{"unavailable", "<= 4s", "true 1214-3004"},
		{"longest_outage", "<= 2s", "false 1014-3004"},
		{"failover_time", "<= 4s", "true 3004"},
		{"failed_ratio", "<= 100%", "false not_run"},
		{"latency_p99", "<= 1h", "false not_run"},
		{"lost_writes", "2", "true 2"},
	} {
		e, err := expect.Parse(test.name, test.bound)
		if err != nil {
			t.Fatal(err)
		}
		s.Expect = []expect.Expectation{e}
		r := Analyze(s, append(sample.AFailover(), sample.At(2990, &record.Starved{For: 1790})))
		judged := r.Expectations[0]
		shown := sample.Found(judged)
		if judged.Between != nil {
			shown = fmt.Sprintf("%.0f-%.0f", judged.Between[0], judged.Between[1])
		}
		if got := fmt.Sprint(judged.OK, " ", shown); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.name, test.bound, got, test.want)
		}
		if len(r.Holes) != 1 || r.Holes[0] != (report.Hole{From: 1200, To: 2990}) {
			t.Errorf("%+v", r.Holes)
		}
	}
}

// A step of the clock of a machine that was suspended explains what servers then did.
func TestStepsOfTheClockAreNoted(t *testing.T) {
	events := append(sample.AFailover(), sample.At(2000, &record.ClockStep{By: 12_000}), sample.At(3000, &record.ClockStep{By: -40}))
	notices := Analyze(sample.OneFault(), events).Notices
	if len(notices) != 1 || notices[0].Kind != report.NoticeClockSet || *notices[0].At != 2000 || *notices[0].For != 12_000 {
		t.Errorf("%+v", notices)
	}
}

// Causes that were found have been there, whatever was not seen. That there were none is not
// known.
func TestCausesWithHoles(t *testing.T) {
	s := sample.OneFault()
	for _, test := range []struct {
		causes []string
		want   string
	}{
		{[]string{"master_down"}, "true [master_down event_loop_blocked]"},
		{[]string{"disk"}, "false shard_not_observed"},
		{nil, "false shard_not_observed"},
	} {
		s.Expect = []expect.Expectation{{Metric: expect.Metric{Name: "outage_causes", Unit: expect.UnitCauses}, Causes: test.causes}}
		e := Analyze(s, append(sample.AFailover(), sample.At(2990, &record.Starved{For: 1790}))).Expectations[0]
		if got := fmt.Sprint(e.OK, " ", sample.Found(e)); got != test.want {
			t.Errorf("%v: %s, want %s", test.causes, got, test.want)
		}
	}
}

// What was done late because of a hole is said.
func TestFaultsThatAreLate(t *testing.T) {
	s := sample.OneFault()
	s.Faults[0].At, s.Faults[0].For = units.Duration(300*time.Millisecond), units.Duration(6*time.Second)
	events := append(sample.AFailover(), sample.At(975, &record.Starved{For: 900}))
	notices := Analyze(s, events).Notices
	if len(notices) != 1 || notices[0].Kind != report.NoticeInjectedLate || *notices[0].Fault != 0 || *notices[0].For != 680 {
		t.Errorf("%+v", notices)
	}
}
