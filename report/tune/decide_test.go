package tune

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// usual is a sweep as it usually comes out.
func usual() *Tune {
	return given(point("500ms", 1600, 560), point("1s", 2300, 1100), point("2s", 3600, 2200), point("5s", 7500, 5500), point("15s", 21000, 16000))
}

func TestDecide(t *testing.T) {
	with := func(s *Tune, c Constraints) *Tune {
		s.Constraints = c
		return s
	}
	for name, test := range map[string]struct {
		tune *Tune
		// point is the value that is recommended, and next those after it.
		point, next string
		// says are parts of what is said.
		sentence, cost, certainty, conflict, rule []string
	}{
		"by default": {
			usual(), "2s", "5s 15s",
			[]string{"Set cluster-node-timeout to 2s: of the five values tried, it has the shortest failover (median 3.6 s [3.3, 3.9] at the client, all 10 within 3.9 s) of those that survive hiccups of 1.5 s."},
			[]string{"Compared with 1s, failovers take 1.3 s longer and hiccups of up to 2.2 s are survived instead of up to 1.1 s.", "Compared with 5s, failovers take 3.9 s less and hiccups of up to 2.2 s are survived instead of up to 5.5 s."},
			[]string{"Sure: 2s meets the constraint with a probability of 96 %.", "No write was lost in 10 runs: that leaves a loss in at most 26 % of such failovers, with 95 % confidence."},
			nil,
			[]string{"--tolerate 1.5s is the default"},
		},
		"in an order of their own": {
			given(point("5s", 7500, 5500), point("500ms", 1600, 560), point("2s", 3600, 2200), point("1s", 2300, 1100)), "2s", "5s",
			nil, []string{"Compared with 1s, failovers", "Compared with 5s, failovers"}, nil, nil, nil,
		},
		"all constraints": {
			with(usual(), Constraints{MaxFailover: (*record.Millis)(bound(5000)), Tolerate: (*record.Millis)(bound(1900)), MaxLost: bound(0)}), "2s", "",
			[]string{"of those that take up to 5 s in 95 % of cases, survive hiccups of 1.9 s and lose no write."},
			nil, []string{"Likely: 2s meets the constraints with a probability of 84 %."}, nil, nil,
		},
		"only failovers are bounded": {
			with(usual(), Constraints{MaxFailover: (*record.Millis)(bound(5000))}), "2s", "1s 500ms",
			[]string{"of the five values tried, it survives the longest hiccups (2.2 s [1.4, 2.4]) of those that take up to 5 s in 95 % of cases: median failover 3.6 s [3.3, 3.9] at the client, all 10 within 3.9 s."},
			nil, []string{"Sure: 2s"}, nil, []string{"the one that survives the longest hiccups."},
		},
		"a constraint that is hardly met": {
			with(given(point("1s", 2300, 1480), point("2s", 3600, 2200)), Constraints{Tolerate: (*record.Millis)(bound(1500))}), "2s", "",
			nil, nil, []string{"A toss-up between 1s and 2s: 2s meets the constraint with a probability of 96 %, 1s with 38 %."}, nil, nil,
		},
		"nothing has both": {
			with(usual(), Constraints{MaxFailover: (*record.Millis)(bound(3000)), Tolerate: (*record.Millis)(bound(1500))}), "", "2s 1s 500ms 5s 15s",
			[]string{"No value has both: up to 1s, hiccups of 1.5 s cause failovers (1s: it survives 1.1 s [0.7, 1.2]); from 2s on, failovers take more than 3 s (2s: p95 3.9 s)."},
			[]string{"The nearest compromises: 2s would do with --max-failover 4s, or 1s would do with --tolerate 1.1s."},
			[]string{"Sure: no value meets them"},
			[]string{"no value has both: up to 1s"}, nil,
		},
		"one constraint that nothing meets": {
			with(usual(), Constraints{Tolerate: (*record.Millis)(bound(30000))}), "", "15s 5s 2s 1s 500ms",
			[]string{"No value meets --tolerate 30s: with every value, hiccups of 30 s cause failovers (15s: it survives 16.1 s [10.0, 17.5])."},
			[]string{"15s would do with --tolerate 16.1s"}, nil, nil, nil,
		},
		"three that exclude each other": {
			with(given(point("1s", 2300, 1800).losing(5), point("2s", 3600, 1400), point("5s", 7500, 5500)), Constraints{MaxFailover: (*record.Millis)(bound(5000)), Tolerate: (*record.Millis)(bound(1500)), MaxLost: bound(0)}), "", "2s 5s 1s",
			[]string{"No value has all: with 1s, writes are lost (up to 5, in 1 of 10 runs); with 2s, hiccups of 1.5 s cause failovers (it survives 1.4 s [0.9, 1.5]); with 5s, failovers take more than 5 s (p95 8.2 s)."},
			[]string{"2s would do with --tolerate 1.4s", "1s would do with --max-lost 5"}, nil, nil, nil,
		},
		"intervals that overlap": {
			given(point("1s", 2300, 1100), point("2s", 3600, 2200), point("3s", 3700, 3200)), "3s", "2s",
			[]string{"of the three values tried, it and 2s have the shortest failovers (median 3.7 s [3.4, 4.0] at the client, all 10 within 4.0 s) of those that survive hiccups of 1.5 s, and it survives longer hiccups."},
			[]string{"Compared with 2s, failovers take about as long and hiccups of up to 3.2 s are survived instead of up to 2.2 s."}, nil, nil, nil,
		},
		"writes are lost": {
			given(point("1s", 2300, 1100), point("2s", 3600, 2200).losing(0, 3, 12), point("5s", 7500, 5500)), "2s", "5s",
			nil, []string{"Compared with 5s, failovers take 3.9 s less, hiccups of up to 2.2 s are survived instead of up to 5.5 s and up to 12 writes are lost instead of none."},
			[]string{"Acked writes were lost in 2 of 10 runs, up to 12 in one."}, nil, nil,
		},
		"no more writes are to be lost": {
			with(given(point("1s", 2300, 1100), point("2s", 3600, 2200).losing(0, 3, 12), point("5s", 7500, 5500)), Constraints{Tolerate: (*record.Millis)(bound(1500)), MaxLost: bound(0)}), "5s", "",
			[]string{"survive hiccups of 1.5 s and lose no write"}, []string{"Compared with 2s, failovers take 3.9 s longer, hiccups of up to 5.5 s are survived instead of up to 2.2 s and no writes are lost instead of up to 12 writes."},
			[]string{"No write was lost in 10 runs"}, nil, nil,
		},
		"a failover that never came": {
			with(given(point("1s", 2300, 1600).taking(stats.Never), point("2s", 3600, 2200)), Constraints{MaxFailover: (*record.Millis)(bound(5000)), Tolerate: (*record.Millis)(bound(1500))}), "2s", "",
			nil, nil, nil, nil, nil,
		},
		"most never came": {
			given(point("1s", 2300, 1600).taking(stats.Never, stats.Never, stats.Never, stats.Never, stats.Never, stats.Never), point("2s", 3600, 2200)), "2s", "",
			[]string{"Set cluster-node-timeout to 2s, the only value that could be judged: median failover 3.6 s"}, nil,
			[]string{"Not judged: 1s (6 of 10 failovers never came)."}, nil, nil,
		},
		"some never came with what is recommended": {
			given(point("2s", 3600, 2200).taking(stats.Never), point("5s", 7500, 5500)), "2s", "5s",
			[]string{"(median 3.7 s [3.4, 3.9] at the client, 1 of 10 never came)"}, nil, nil, nil, nil,
		},
		"rejected by the server": {
			given(Point{Values: []string{"1ms"}, Rejected: "argument must be between 0 and 2147483647"}, point("2s", 3600, 2200), point("5s", 7500, 5500)), "2s", "5s",
			[]string{"of the two values that could be judged"}, nil, []string{"Not judged: 1ms (the server rejected it: argument must be"}, nil, nil,
		},
		"all rejected": {
			given(Point{Values: []string{"a"}, Rejected: "no number"}, Point{Values: []string{"b"}, Rejected: "no number"}), "", "",
			[]string{"There is no recommendation: no value could be judged."}, nil, []string{"a (the server rejected it: no number) and b"}, nil, nil,
		},
		"nothing": {&Tune{}, "", "", []string{"no value could be judged"}, nil, nil, nil, nil},
		"one value": {
			given(point("2s", 3600, 2200)), "2s", "",
			[]string{"Set cluster-node-timeout to 2s, the only value tried: median failover 3.6 s [3.3, 3.9] at the client, all 10 within 3.9 s."}, nil, nil, nil, nil,
		},
		"too few runs": {
			given(point("1s", 2300, 1600).keeping(2), point("2s", 3600, 2200)), "2s", "",
			nil, nil, []string{"Not sure: others may turn out better once they are measured. 2s meets the constraint with a probability of 96 %.", "1s (only 2 failovers were measured, of at least 3)"}, nil, nil,
		},
		"few runs": {
			given(point("1s", 2300, 1100).keeping(3), point("2s", 3600, 2200).keeping(4), point("5s", 7500, 5500).keeping(3)), "2s", "5s",
			[]string{"median 3.4 s at the client, all 4 within 3.5 s"}, nil, []string{"that leaves a loss in at most 53 % of such failovers"}, nil, nil,
		},
		"no hiccups": {
			given(point("1s", 2300, 1).without(), point("2s", 3600, 1).without()), "1s", "2s",
			[]string{"of the two values tried, it has the shortest failover (median 2.3 s [2.1, 2.5] at the client, all 10 within 2.5 s)."}, nil, nil, nil,
			[]string{"It is not known how long hiccups any of them survives"},
		},
		"no hiccups, though they are to be survived": {
			with(given(point("1s", 2300, 1).without(), point("2s", 3600, 1).without()), Constraints{Tolerate: (*record.Millis)(bound(1500))}), "", "1s 2s",
			[]string{"No value meets --tolerate 1.5s: with every value, hiccups of 1.5 s cause failovers (1s: it is not known how long hiccups it survives)."}, nil, nil, nil, nil,
		},
		"the kind of hiccup that is survived least": {
			given(point("2s", 3600, 2200).surviving("block", 1200), point("5s", 7500, 5500).surviving("block", 4000)), "5s", "",
			nil, []string{"hiccups of up to 4.0 s are survived instead of up to 1.2 s"}, nil, nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.tune.Decide()
			r := test.tune.Recommendation
			got := ""
			if r.Point != nil {
				got = test.tune.Points[*r.Point].name()
			}
			var next []string
			for _, i := range r.RunnersUp {
				next = append(next, test.tune.Points[i].name())
			}
			if got != test.point || strings.Join(next, " ") != test.next {
				t.Errorf("%q is recommended, then %q; want %q, then %q", got, next, test.point, test.next)
			}
			for what, texts := range map[string]struct {
				said string
				want []string
			}{
				"sentence": {r.Sentence, test.sentence}, "cost": {r.Cost, test.cost}, "certainty": {r.Certainty, test.certainty},
				"conflict": {r.Conflict, test.conflict}, "rule": {r.Rule, test.rule},
			} {
				for _, want := range texts.want {
					if !strings.Contains(texts.said, want) {
						t.Errorf("the %s is\n%q\nwithout\n%q", what, texts.said, want)
					}
				}
			}
			if len(r.Verdicts) != len(test.tune.Points) {
				t.Errorf("%d verdicts on %d points", len(r.Verdicts), len(test.tune.Points))
			}
			again := *test.tune
			if again.Decide(); !slices.Equal(again.Recommendation.RunnersUp, r.RunnersUp) || again.Recommendation.Sentence != r.Sentence {
				t.Error("it decides otherwise the second time")
			}
		})
	}
}

// keeping leaves the first runs.
func (p Point) keeping(runs int) Point {
	p.Failures[0].Runs = p.Failures[0].Runs[:runs]
	return p
}

// without leaves out the hiccups.
func (p Point) without() Point {
	p.Hiccups = []Hiccup{{Kind: "starve", Unable: "no cgroups"}}
	return p
}

func TestDecideByTheServerWhereNoWorkloadTells(t *testing.T) {
	s := usual()
	for _, p := range s.Points {
		for _, r := range p.Failures[0].Runs {
			delete(r.Values, figureClient)
		}
	}
	s.Decide()
	if r := s.Recommendation; !strings.Contains(r.Sentence, "median 3.5 s [3.2, 3.8] on the server") || !strings.Contains(r.Rule, "on the server") {
		t.Errorf("%q, %q", r.Sentence, r.Rule)
	}
}

func TestRunsThatWereNotCarriedOutDoNotCount(t *testing.T) {
	s := usual()
	for i, r := range s.Points[2].Failures[0].Runs[:4] {
		r.Values[figureClient] = stats.Never
		r.Error, r.Skipped = "the disk is full", i == 1
		s.Points[2].Failures[0].Runs[i] = r
	}
	s.Decide()
	if !strings.Contains(s.Recommendation.Sentence, "all 6 within") {
		t.Error(s.Recommendation.Sentence)
	}
}

func TestOtherFailuresCount(t *testing.T) {
	s := usual()
	for i, p := range s.Points {
		partition := point(p.Values[0], float64(2000*(i+1)), 1).losing(7).Failures[0]
		partition.Kind = "partition"
		s.Points[i].Failures = append(s.Points[i].Failures, partition)
	}
	s.Constraints = Constraints{MaxFailover: (*record.Millis)(bound(5000)), Tolerate: (*record.Millis)(bound(1500)), MaxLost: bound(10)}
	s.Decide()
	if r := s.Recommendation; r.Point != nil || !strings.Contains(r.Conflict, "from 2s on, failovers take more than 5 s (2s: p95 6.5 s with partition)") {
		t.Errorf("%+v", r)
	}
	s.Constraints = Constraints{Tolerate: (*record.Millis)(bound(1500)), MaxLost: bound(0)}
	s.Decide()
	if r := s.Recommendation; !strings.HasPrefix(r.Sentence, "No value meets --max-lost 0: with every value, writes are lost (500ms: up to 7, in 1 of 20 runs)") {
		t.Error(r.Sentence)
	}
}

// Two runs of another kind of failure are told of by themselves, and take no certainty from the
// others.
func TestFewOtherFailures(t *testing.T) {
	s := usual()
	for i, p := range s.Points {
		few := point(p.Values[0], float64(2000*(i+1)), 1).keeping(2).losing(7).Failures[0]
		few.Kind = "partition"
		s.Points[i].Failures = append(s.Points[i].Failures, few)
	}
	s.Constraints = Constraints{MaxFailover: (*record.Millis)(bound(8000)), Tolerate: (*record.Millis)(bound(1500))}
	s.Decide()
	for _, want := range []string{"Sure: 2s meets the constraints with a probability of 96 %.", "No write was lost in 10 runs: ", "Acked writes were lost in 1 of 2 runs with partition, up to 7 in one."} {
		if got := s.Recommendation.Certainty; !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	all := rendered(t, s)
	for form, want := range map[string]string{"md": "| **2s** | partition | 2 | 5.5 s | 5.6 s | up to 7, in 1 of 2 runs |", "text": "none in 10 runs"} {
		if !strings.Contains(all[form], want) {
			t.Errorf("%s lacks %q", form, want)
		}
	}
}
