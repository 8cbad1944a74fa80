package traffic

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestPlace: what a kernel has decides over the mechanism of a rule, and so do the other rules.
func TestPlace(t *testing.T) {
	t.Parallel()
	none := errors.New("this kernel has none")
	port := func(p uint16) Match { return Match{Direction: Out, Protocol: TCP, RemotePorts: []Ports{Port(p)}} }
	limit := func(m Match) Rule {
		return Rule{ID: "limit", Match: m, Effect: Effect{Bandwidth: &Bandwidth{BytesPerSecond: 1000}}}
	}
	slow := func(m Match, of Distribution) Rule {
		return Rule{ID: "slow", Match: m, Effect: Effect{Latency: &Latency{Delay: time.Second, Distribution: of}}}
	}
	loopback := port(1)
	loopback.Peers = prefixes("127.0.0.1/32")
	for name, test := range map[string]struct {
		can   abilities
		rules []Rule
		want  []Mechanism
		err   string
	}{
		"all":                  {abilities{}, []Rule{limit(port(1)), slow(port(2), Uniform)}, []Mechanism{Qdisc, Netem}, ""},
		"no netem":             {abilities{netem: none}, []Rule{slow(port(1), "")}, []Mechanism{Queue}, ""},
		"no HTB":               {abilities{htb: none}, []Rule{limit(port(1)), slow(port(2), "")}, []Mechanism{Queue, Queue}, ""},
		"nothing holds back":   {abilities{netem: none, queue: none}, []Rule{slow(port(1), "")}, nil, "rule slow: latency of packets out is not possible here: this kernel has none"},
		"of a table":           {abilities{}, []Rule{slow(port(1), Pareto)}, []Mechanism{Queue}, ""},
		"of a table, no queue": {abilities{queue: none}, []Rule{slow(port(1), Pareto)}, nil, "there are no netfilter queues"},
		"by loopback":          {abilities{}, []Rule{limit(loopback)}, []Mechanism{Queue}, ""},
		"the limit goes first": {abilities{}, []Rule{slow(port(1), ""), limit(port(1))}, []Mechanism{Queue, Qdisc}, ""},
		"loss without a queue": {abilities{queue: none}, []Rule{{ID: "drop", Match: port(1), Effect: Effect{Drop: &Drop{}}}}, []Mechanism{Nftables}, ""},
	} {
		got, err := place(test.rules, test.can.capabilities())
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %v, want %q", name, err, test.err)
		}
		for i, want := range test.want {
			if err == nil && got[i].by != want {
				t.Errorf("%s: rule %s by %s, want %s", name, got[i].ID, got[i].by, want)
			}
		}
	}
}
