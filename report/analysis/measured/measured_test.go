package measured

import (
	"math"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestJudge(t *testing.T) {
	share := func(count, of int64, asked float64) record.Measure {
		return record.Measure{Did: record.DidDrop, Count: &count, Of: &of, Asked: record.Asked{Share: &asked}}
	}
	bursts := func(count, of int64, asked, burst float64) record.Measure {
		m := share(count, of, asked)
		m.Asked.Burst = &burst
		return m
	}
	delay := func(mean, asked, jitter record.Millis, count int64) record.Measure {
		m := record.Measure{Did: record.DidDelay, Count: &count, Of: &count, Mean: &mean, Asked: record.Asked{Delay: &asked}}
		if jitter > 0 {
			m.Asked.Jitter = &jitter
		}
		return m
	}
	rate := func(bytes int64) record.Measure {
		return record.Measure{Did: record.DidLimit, Count: new(int64(1)), Bytes: &bytes, For: new(record.Millis(5000)), Asked: record.Asked{Rate: new(int64(1_000_000))}}
	}
	ran := func(spent, of record.Millis, asked float64) record.Measure {
		return record.Measure{Did: record.DidRun, Spent: &spent, For: &of, Asked: record.Asked{Share: &asked}}
	}
	clock := func(least, most, jitter record.Millis) record.Measure {
		return record.Measure{Did: record.DidShift, Mean: new((least + most) / 2), Least: &least, Most: &most, Asked: record.Asked{Delay: new(record.Millis(3_600_000)), Jitter: &jitter}}
	}
	for name, test := range map[string]struct {
		m       record.Measure
		differs bool
	}{
		"a share as asked for":           {share(812, 4010, 0.2), false},
		"too many":                       {share(1000, 4010, 0.2), true},
		"too few":                        {share(650, 4010, 0.2), true},
		"few of few are no proof":        {share(0, 20, 0.2), false},
		"of nothing":                     {share(0, 0, 0.2), false},
		"all":                            {share(50, 50, 1), false},
		"not all":                        {share(49, 50, 1), true},
		"in bursts there is more chance": {bursts(1000, 4010, 0.2, 20), false},
		"none in bursts of many":         {bursts(0, 100_000, 0.2, 5), true},
		"all in bursts":                  {bursts(50, 50, 1, 5), false},
		"on time":                        {delay(100.4, 100, 0, 12345), false},
		"10 % late":                      {delay(111, 100, 0, 12345), true},
		"early":                          {delay(80, 100, 0, 12345), true},
		"a short delay, 0.9 ms late":     {delay(1.9, 1, 0, 12345), false},
		"a short delay, 1.1 ms late":     {delay(2.1, 1, 0, 12345), true},
		"few that jitter":                {delay(130, 100, 50, 10), false},
		"many that jitter":               {delay(130, 100, 50, 10_000), true},
		"within the rate":                {rate(5_400_000), false},
		"less than the rate":             {rate(100), false},
		"beyond the rate":                {rate(6_000_000), true},
		"an fsync as slow as asked for":  {record.Measure{Did: record.DidSlow, Count: new(int64(5)), Mean: new(record.Millis(305)), Asked: record.Asked{Delay: new(record.Millis(300))}}, false},
		"an fsync slower than asked for": {record.Measure{Did: record.DidSlow, Count: new(int64(5)), Mean: new(record.Millis(405)), Asked: record.Asked{Delay: new(record.Millis(300))}}, true},
		"a CPU's share":                  {ran(26, 5000, 0.005), false},
		"a turn more":                    {ran(70, 5000, 0.005), false},
		"more than its share":            {ran(250, 5000, 0.005), true},
		"half of a CPU instead":          {ran(2500, 5000, 0.1), true},
		"a clock":                        {clock(3_599_999, 3_600_001, 0), false},
		"a clock, told late":             {clock(3_599_000, 3_600_900, 0), false},
		"a clock that is off":            {clock(3_598_000, 3_598_001, 0), true},
		"a clock that drifts":            {clock(3_600_090, 3_600_091, 100), false},
		"on time, but for those lost":    {record.Measure{Did: record.DidDelay, Count: new(int64(5)), Mean: new(record.Millis(100)), Missed: 2, Asked: record.Asked{Delay: new(record.Millis(100))}}, true},
		"not counted":                    {record.Measure{Did: record.DidDelay, Asked: record.Asked{Delay: new(record.Millis(1))}, Why: "lost"}, false},
		"no delay was measured":          {record.Measure{Did: record.DidDelay, Count: new(int64(5)), Asked: record.Asked{Delay: new(record.Millis(1))}}, false},
	} {
		faults := []report.Fault{{Outcomes: []record.Outcome{{Node: "a", Text: "told", Measures: []record.Measure{test.m}}, {Node: "b", Measures: []record.Measure{test.m}}}}}
		Judge(faults)
		f := faults[0]
		if len(f.Measured) != 2 || f.Measured[0].Node != "a" || f.Measured[1].Node != "b" || f.Measured[0].Differs != test.differs {
			t.Errorf("%s: %+v, differs is to be %t", name, f.Measured, test.differs)
		}
		if len(f.Outcomes) != 1 || f.Outcomes[0].Text != "told" || f.Outcomes[0].Measures != nil {
			t.Errorf("%s: outcomes %+v", name, f.Outcomes)
		}
	}
	m := judged("a", share(812, 4010, 0.2))
	if m.Share == nil || math.Abs(*m.Share-0.2025) > 1e-4 || m.Confidence == nil || math.Abs(m.Confidence[0]-0.190) > 1e-3 || math.Abs(m.Confidence[1]-0.215) > 1e-3 {
		t.Errorf("%v between %v", m.Share, m.Confidence)
	}
}
