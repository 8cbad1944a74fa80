package observed

import (
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// Rows of a run that was killed go on until the last word on them.
func TestRowsThatGoOn(t *testing.T) {
	part := func(ms, until record.Millis, answer string, continues, open bool) record.Event {
		return sample.At(ms, &record.Probe{Node: "a", Answer: answer, Until: until, Count: 1, Continues: continues, Open: open})
	}
	probing := func(ms record.Millis) record.Event { return sample.At(ms, &record.Probing{}) }
	ended := sample.At(20_000, &record.RunEnded{})
	for name, test := range map[string]struct {
		events []record.Event
		want   []Period // from when to when each row goes
		until  record.Millis
	}{
		"an old record":      {[]record.Event{part(100, 9000, "ack", false, false)}, []Period{{100, 9000}}, 9000},
		"one that goes on":   {[]record.Event{part(100, 990, "ack", false, true), probing(1000), probing(2000), probing(3000)}, []Period{{100, 3000}}, 3000},
		"one that ended":     {[]record.Event{part(100, 990, "ack", false, true), probing(1000), part(990, 990, "ack", true, false), probing(2000)}, []Period{{100, 990}}, 2000},
		"its second part":    {[]record.Event{part(100, 990, "ack", false, true), probing(1000), part(995, 10_990, "ack", true, true), probing(11_000), probing(12_000)}, []Period{{100, 12_000}}, 12_000},
		"its last part":      {[]record.Event{part(100, 990, "ack", false, true), probing(1000), part(995, 1500, "ack", true, false), probing(2000)}, []Period{{100, 1500}}, 2000},
		"it went on anew":    {[]record.Event{part(100, 990, "ack", false, false), probing(1050), part(1060, 1990, "ack", true, true), probing(2000)}, []Period{{100, 2000}}, 2000},
		"another answer":     {[]record.Event{part(100, 990, "ack", false, true), probing(1000), part(995, 1500, "ack", true, false), part(1505, 1995, "clusterdown", false, true), probing(2000), probing(3000)}, []Period{{100, 1500}, {1505, 3000}}, 3000},
		"nothing came later": {[]record.Event{part(100, 990, "ack", false, true), probing(1000), part(1200, 1990, "moved", false, true), probing(2000)}, []Period{{100, 990}, {1200, 2000}}, 2000},
		"beyond is unknown":  {[]record.Event{part(100, 990, "ack", false, true), probing(1000), sample.At(1700, &record.Role{Node: "a"})}, []Period{{100, 1000}}, 1000},
		"a whole run":        {[]record.Event{part(100, 990, "ack", false, true), probing(1000), part(995, 1500, "ack", true, false), probing(2000), ended}, []Period{{100, 1500}}, 20_000},
	} {
		facts := Arrange(test.events)
		var got []Period
		for _, r := range facts.rowsOf["a"] {
			got = append(got, Period{r.From, r.Till})
		}
		if !slices.Equal(got, test.want) || facts.ObservedUntil() != test.until {
			t.Errorf("%s: rows %v, observed until %v; want %v, %v", name, got, facts.ObservedUntil(), test.want, test.until)
		}
	}
}
