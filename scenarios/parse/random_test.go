package parse

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

func TestRandomFaultsAreReadAndWritten(t *testing.T) {
	const text = minimal + "random:\n  every: 2s\n  for: 500ms-2s\n  at_most: 2\n  faults:\n    - {weight: 3, kill: {role: master}}\n    - pause: {role: replica}\n"
	s, err := Scenario("f.yaml", []byte(text), fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := s.Random
	if r == nil || r.Every.String() != "2s" || r.For.String() != "500ms-2s" || r.AtMost != 2 || r.AllowQuorumLoss || r.Arrivals != scenarios.ArrivalsExponential {
		t.Fatalf("%+v", r)
	}
	if len(r.Faults) != 2 || r.Faults[0].Weight != 3 || r.Faults[0].Kind != "kill" || r.Faults[1].Weight != scenarios.DefaultWeight {
		t.Errorf("%+v", r.Faults)
	}
	written, err := s.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Scenario("g.yaml", written, fakeCatalog(), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	twice, err := again.YAML()
	if err != nil || string(twice) != string(written) {
		t.Errorf("%v\n%s\nbecame\n%s", err, written, twice)
	}
}

func TestRandomFaultsThatCannotBeDrawn(t *testing.T) {
	for name, test := range map[string]struct{ yaml, want string }{
		"nothing":       {"random: {every: 2s}\n", `f.yaml:3:9: random: nothing to draw from; write faults: [{weight: 1, kill: {role: master, pick: random}}]`},
		"not a mapping": {"random: 5\n", `f.yaml:3:9: random: "5" where a mapping belongs`},
		"unknown key": {"random: {ever: 2s, faults: [{kill: {role: master}}]}\n",
			`f.yaml:3:10: unknown key "ever"; did you mean "every"?`},
		"a time": {"random: {faults: [{at: 2s, kill: {role: master}}]}\n",
			`f.yaml:3:20: when a random fault begins and how long it lasts is drawn: leave out "at", and write every and for under random`},
		"two kinds": {"random: {faults: [{kill: {role: master}, pause: {role: master}}]}\n",
			`f.yaml:3:42: faults[0] is a "kill" already; write the "pause" as a fault of its own`},
		"no kind":      {"random: {faults: [{weight: 2}]}\n", `f.yaml:3:19: faults[0]: no kind of fault; write one of `},
		"unknown kind": {"random: {faults: [{kil: {role: master}}]}\n", `f.yaml:3:20: unknown kind of fault "kil"; did you mean "kill"?`},
		"weight":       {"random: {faults: [{weight: 0, kill: {role: master}}]}\n", `f.yaml:3:28: weight: 0 is out of range; write 1 to 1000`},
		"misspelt":     {"random: {faults: [{wieght: 1, kill: {role: master}}]}\n", `f.yaml:3:20: unknown key "wieght"; did you mean "weight"?`},
		"range":        {"random: {for: 5s-1s, faults: [{kill: {role: master}}]}\n", `f.yaml:3:15: for: "5s-1s" ends before it begins; write the shorter one first: 1s-5s`},
		"too short":    {"random: {for: 1ms, faults: [{kill: {role: master}}]}\n", `f.yaml:3:15: for: 1ms is too short for a fault; write 50ms or more`},
		"too long": {"random: {for: 40s, faults: [{kill: {role: master}}]}\n",
			`f.yaml:3:15: random faults last 40s at least (random.for), and the run only 40s (duration): none could be drawn; write a shorter for, or run longer`},
		"distribution": {"random: {arrivals: poisson, faults: [{kill: {role: master}}]}\n", `f.yaml:3:20: arrivals: unknown distribution "poisson"; known: exponential, uniform`},
		"both": {"faults: [{at: 1s, kill: {role: master}}]\nrandom: {faults: [{kill: {role: master}}]}\n",
			`f.yaml:4:9: random draws all faults of a run, and there are faults as well; leave out one of them`},
		"no such node": {"random: {faults: [{kill: {shard: 9}}]}\n", `f.yaml:3:34: shard: there is no shard 9`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Scenario("f.yaml", []byte(minimal+test.yaml), fakeCatalog(), nil)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s…", err, test.want)
			}
		})
	}
	const many = "name: t\nduration: 1h\nrandom: {every: 1s, faults: [{kill: {role: master}}]}\n"
	_, err := Scenario("f.yaml", []byte(many), fakeCatalog(), nil)
	if want := "f.yaml:3:17: one fault each 1s is about 3600 in a run of 1h, and more than 500 are too many; write every: 7.2s or more, or a shorter duration"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
