package prose

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// What takes longer than the configuration lets it is remarked on, with what the
// record shows of its cause.
func TestExcess(t *testing.T) {
	answers := func(node string, spans ...record.Millis) (events []record.Event) {
		for i := 0; i < len(spans); i += 2 {
			events = append(events, sample.At(spans[i], &record.Probe{Node: node, Answer: "moved", Until: spans[i+1]}))
		}
		return events
	}
	for name, c := range map[string]struct {
		timeout string
		more    []record.Event
		names   bool
		want    string
	}{
		"unknown": {timeout: "1000", want: "The suspicion took 2.00 s, 300 ms more than the configuration accounts for: the record does not show what held it up."},
		"stall": {timeout: "1000", more: answers("b2", 0, 1200, 2600, 9000),
			want: "b2 did not respond for up to 1.40 s at a time, without any fault (b2 answered nothing from 1.20 s to 2.60 s)."},
		"too short a stall":                {timeout: "100", more: answers("b2", 0, 1200, 1320, 9000), want: "The suspicion took 2.00 s, 1.65 s more than the configuration accounts for: the record does not show what held it up."},
		"the target's own silence is none": {timeout: "1000", more: answers("a", 0, 1000), want: "does not show"},
		"host names": {timeout: "1000", more: answers("b2", 0, 1200, 2600, 9000), names: true,
			want: "With cluster-announce-ip set to a name, a server looks up the name of every node that it has lost (here a) again and again"},
		"starved": {timeout: "1000", more: []record.Event{sample.At(2500, &record.Starved{For: 450})}, want: "this machine was starved: this program itself was not run for 450 ms"},
		"slow disk": {timeout: "1000", more: []record.Event{sample.At(2500, &record.Log{Node: "b", Kind: record.LogSlow, Text: "Asynchronous AOF fsync is taking too long."})},
			want: "b logged at 2.50 s “Asynchronous AOF fsync is taking too long”"},
	} {
		t.Run(name, func(t *testing.T) {
			events := append(sample.WithTimeout(c.timeout, "redis", "7.0.15"), c.more...)
			scenario := sample.OneFault()
			if c.names {
				scenario.Cluster.Announce = scenarios.AnnounceHostname
			}
			r := told(scenario, events)
			if got := strings.Join(r.Failovers[0].Remarks, " "); !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
