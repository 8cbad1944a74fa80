package traffic

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestCheck: what is wrong is told, with the rule that it is in.
func TestCheck(t *testing.T) {
	t.Parallel()
	good := Rule{ID: "a", Match: Match{Direction: In}, Effect: Effect{Drop: &Drop{}}}
	effect := func(e Effect) []Rule { return []Rule{{ID: "a", Match: good.Match, Effect: e}} }
	match := func(m Match) []Rule { return []Rule{{ID: "a", Match: m, Effect: good.Effect}} }
	many := make([]Ports, 70)
	for i := range many {
		many[i] = Port(uint16(2*i + 1))
	}
	for want, rules := range map[string][]Rule{
		"":                         {good},
		`rule id ""`:               {{Match: good.Match, Effect: good.Effect}},
		`rule id "a b"`:            {{ID: "a b", Match: good.Match, Effect: good.Effect}},
		"two rules have":           {good, good},
		"rule a: match: direction": match(Match{}),
		"protocol \"icmp\"":        match(Match{Direction: In, Protocol: "icmp"}),
		"ports 9 to 3":             match(Match{Direction: In, LocalPorts: []Ports{{9, 3}}}),
		"ports 0 to 3":             match(Match{Direction: In, RemotePorts: []Ports{{0, 3}}}),
		"9800 combinations":        match(Match{Direction: In, LocalPorts: many, RemotePorts: many}),
		"a peer is neither":        match(Match{Direction: In, Peers: make([]netip.Prefix, 1)}),
		"0 are set":                effect(Effect{}),
		"2 are set":                effect(Effect{Drop: &Drop{}, Loss: &Loss{}}),
		`reject with ""`:           effect(Effect{Reject: &Reject{}}),
		"probability 1.1":          effect(Effect{Loss: &Loss{Probability: 1.1}}),
		"correlation 1:":           effect(Effect{Loss: &Loss{Correlation: 1}}),
		"to_bad and to_good":       effect(Effect{Loss: &Loss{Bursts: &GilbertElliott{ToGood: 1}}}),
		"beside them":              effect(Effect{Loss: &Loss{Probability: 1, Bursts: &GilbertElliott{}}}),
		"delay -1ns":               effect(Effect{Latency: &Latency{Delay: -1}}),
		"delay 1h0m0s":             effect(Effect{Latency: &Latency{Delay: time.Hour}}),
		"neither jitter":           effect(Effect{Latency: &Latency{Jitter: 1}}),
		`distribution "gamma"`:     effect(Effect{Latency: &Latency{Distribution: "gamma"}}),
		"hold -1ns":                effect(Effect{Reordering: &Reordering{Hold: -1}}),
		"50 bytes a second":        effect(Effect{Bandwidth: &Bandwidth{BytesPerSecond: 50}}),
		"a buffer of 1 bytes":      effect(Effect{Bandwidth: &Bandwidth{BytesPerSecond: 5000, Buffer: 1}}),
	} {
		err := Check(rules)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestJSON: rules are the same after they went through a stream.
func TestJSON(t *testing.T) {
	t.Parallel()
	rule := Rule{
		ID: "slow/bus", Match: Match{Direction: Out, Protocol: TCP, Peers: prefixes("10.0.0.1/32", "fd00::/8"), RemotePorts: []Ports{{1, 9}}},
		Effect: Effect{Latency: &Latency{Delay: time.Second, Jitter: time.Millisecond, Distribution: Pareto, Correlation: 0.5}},
	}
	b, err := json.Marshal(rule)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"slow/bus","match":{"direction":"out","peers":["10.0.0.1/32","fd00::/8"],"protocol":"tcp",` +
		`"remote_ports":[{"first":1,"last":9}]},"effect":{"latency":{"delay_ns":1000000000,"jitter_ns":1000000,` +
		`"distribution":"pareto","correlation":0.5}}}`
	if string(b) != want {
		t.Errorf("%s\nwant %s", b, want)
	}
	var back Rule
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, rule) {
		t.Errorf("%v, %+v", err, back)
	}
}

// TestVerify: what stands differs from what is to stand.
func TestVerify(t *testing.T) {
	t.Parallel()
	rule := Rule{ID: "a", Match: Match{Direction: In}, Effect: Effect{Drop: &Drop{}}}
	sum, err := digest(rule)
	if err != nil {
		t.Fatal(err)
	}
	is := StandingRule{ID: "a", Digest: sum, Mechanism: Nftables}
	other, lacking := is, is
	other.Digest, lacking.Lacks = "0123", "a queue"
	for want, test := range map[string]struct {
		is    Standing
		rules []Rule
	}{
		"":               {Standing{Rules: []StandingRule{is}}, []Rule{rule}},
		"does not stand": {Standing{}, []Rule{rule}},
		"is not to":      {Standing{Rules: []StandingRule{is}}, nil},
		"as another one": {Standing{Rules: []StandingRule{other}}, []Rule{rule}},
		"no effect":      {Standing{Rules: []StandingRule{lacking}}, []Rule{rule}},
		"eth0 was left":  {Standing{Rest: []string{"eth0"}}, nil},
	} {
		err := test.is.Verify(test.rules)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
