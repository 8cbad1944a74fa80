package network

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

func TestMeasures(t *testing.T) {
	const ms = time.Millisecond
	in, out := traffic.Match{Direction: traffic.In}, traffic.Match{Direction: traffic.Out}
	slow := traffic.Effect{Latency: &traffic.Latency{Delay: 100 * ms, Jitter: 10 * ms, Distribution: traffic.Normal}}
	held := func(packets uint64, sum, least, most time.Duration) *traffic.Done {
		return &traffic.Done{Of: packets, Packets: packets, Held: &traffic.Held{Sum: sum, Least: least, Most: most}}
	}
	for name, test := range map[string]struct {
		rules []traffic.Rule
		done  []traffic.StandingRule
		err   error
		want  string
	}{
		"both ways, of several rules": {
			rulesOf([]traffic.Match{in, in, out}, slow),
			[]traffic.StandingRule{{ID: "0", Done: held(1, 90*ms, 90*ms, 90*ms)}, {ID: "1", Done: held(3, 330*ms, 80*ms, 140*ms)}, {ID: "2", Done: held(0, 0, 0, 0)}},
			nil,
			`[{"did":"delayed","way":"out","count":0,"of":0,"asked":{"delay_ms":100,"jitter_ms":10}},` +
				`{"did":"delayed","way":"in","count":4,"of":4,"mean_ms":105,"least_ms":80,"most_ms":140,"asked":{"delay_ms":100,"jitter_ms":10}}]`,
		},
		"by netem": {
			rulesOf([]traffic.Match{out}, slow),
			[]traffic.StandingRule{{ID: "0", Done: &traffic.Done{Of: 7, Packets: 7}, Uncounted: "netem does not tell"}},
			nil,
			`[{"did":"delayed","way":"out","count":7,"of":7,"asked":{"delay_ms":100,"jitter_ms":10},"why":"netem does not tell"}]`,
		},
		"held by another process": {
			rulesOf([]traffic.Match{out}, slow),
			[]traffic.StandingRule{{ID: "0", Packets: 7, Uncounted: "another process"}},
			nil,
			`[{"did":"delayed","way":"out","count":null,"asked":{"delay_ms":100,"jitter_ms":10},"why":"another process"}]`,
		},
		"not read": {
			rulesOf([]traffic.Match{in}, lost("reject")), nil, errors.New("it has ended"),
			`[{"did":"rejected","way":"in","count":null,"asked":{},"why":"it has ended"}]`,
		},
		"lifted by somebody else": {
			rulesOf([]traffic.Match{in, in}, lost("drop")), []traffic.StandingRule{{ID: "1", Done: &traffic.Done{Of: 7, Packets: 7}}}, nil,
			`[{"did":"dropped","way":"in","count":null,"asked":{},"why":"somebody else had lifted its rules by then"}]`,
		},
		"in bursts": {
			rulesOf([]traffic.Match{out}, traffic.Effect{Loss: (&Loss{Some: some(50), Burst: 2}).loss()}),
			[]traffic.StandingRule{{ID: "0", Done: &traffic.Done{Of: 9, Packets: 2}}},
			nil,
			`[{"did":"dropped","way":"out","count":2,"of":9,"asked":{"share":0.5,"burst":2}}]`,
		},
		"reordered": {
			rulesOf([]traffic.Match{out}, traffic.Effect{Reordering: &traffic.Reordering{Probability: 0.25, Hold: 10 * ms}}),
			[]traffic.StandingRule{{ID: "0", Done: &traffic.Done{Of: 9, Packets: 2, Held: &traffic.Held{Sum: 21 * ms, Least: 10 * ms, Most: 11 * ms}}}},
			nil,
			`[{"did":"reordered","way":"out","count":2,"of":9,"mean_ms":10.5,"least_ms":10,"most_ms":11,"asked":{"share":0.25,"delay_ms":10}}]`,
		},
		"limited": {
			rulesOf([]traffic.Match{out}, traffic.Effect{Bandwidth: &traffic.Bandwidth{BytesPerSecond: 1000}}),
			[]traffic.StandingRule{{ID: "0", Done: &traffic.Done{Of: 9, Packets: 7, Bytes: 1234, Full: 2}, Uncounted: "htb does not tell"}},
			nil,
			`[{"did":"let_through","way":"out","count":7,"bytes":1234,"full":2,"for_ms":2000,"asked":{"bytes_per_second":1000}}]`,
		},
	} {
		got, err := json.Marshal(measures(test.rules, test.done, test.err, 2*time.Second))
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %v\n%s, want\n%s", name, err, got, test.want)
		}
	}
}
