package tune

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

// grid is a sweep over three parameters, of which appendfsync has clients take longer and keeps
// writes from being lost, and the third one does nothing.
func grid(s *simulation) *Tune {
	t := s.sweep()
	t.Parameters = []Parameter{
		{Path: "cluster.config.cluster-node-timeout", Values: []string{"1s", "5s"}},
		{Path: "cluster.config.appendfsync", Values: []string{"everysec", "always"}},
		{Path: "cluster.config.cluster-replica-validity-factor", Values: []string{"10", "0"}},
	}
	for _, timeout := range t.Parameters[0].Values {
		for _, fsync := range t.Parameters[1].Values {
			for _, factor := range t.Parameters[2].Values {
				s.slower, s.lose = 0, 0.5
				if fsync == "always" {
					s.slower, s.lose = 800, 0
				}
				t.Points = append(t.Points, s.point(timeout, fsync, factor))
			}
		}
	}
	return t
}

func TestMoved(t *testing.T) {
	s := grid(simulate(4))
	s.Decide()
	if len(s.Recommendation.Moved) != 3 {
		t.Fatalf("%q", s.Recommendation.Moved)
	}
	for i, want := range [][]string{
		{"cluster-node-timeout moved the results: failovers at the client are ", " longer with 5s than with 1s (p = 0.00", "hiccups survived are "},
		{"appendfsync moved the results: failovers at the client are ", " longer with always than with everysec", " more writes are lost per run with everysec than with always", "No difference that these runs could show: to failovers on the server ("},
		{"cluster-replica-validity-factor made no difference that these runs could show: to failovers at the client ("},
	} {
		for _, part := range want {
			if got := s.Recommendation.Moved[i]; !strings.Contains(got, part) {
				t.Errorf("%q\nlacks %q", got, part)
			}
		}
	}
	one := usual()
	if one.Decide(); len(one.Recommendation.Moved) > 0 {
		t.Errorf("with one parameter: %q", one.Recommendation.Moved)
	}
}

// Of parameters that do nothing, few are said to have moved a result.
func TestWhatDoesNothingMovesNothing(t *testing.T) {
	const sweeps = 20
	found := 0
	for i := range uint64(sweeps) {
		s := simulate(1000 + i)
		s.trials = 1
		one := stratum{"no": s.failures(ScenarioFailure, 2000).values(figureClient), "yes": s.failures(ScenarioFailure, 2000).values(figureClient)}
		if e, ok := (strata{one}).effect(medianOf); ok && e.p <= movedFrom {
			found++
		}
	}
	if found > 5 { // of which at least so many come in 1 of 1000 tests
		t.Errorf("%d of %d", found, sweeps)
	}
}

func TestMovedWithWhatNeverComes(t *testing.T) {
	s := grid(simulate(5))
	for _, p := range s.Points {
		if p.Values[2] == "0" {
			for _, r := range p.Failures[0].Runs {
				r.Values[figureServer], r.Values[figureClient] = stats.Never, stats.Never
			}
		}
	}
	s.Decide()
	if got := s.Recommendation.Moved[2]; !strings.Contains(got, "failovers at the client are longer, or never come, with 0 than with 10") {
		t.Error(got)
	}
}

func TestMovedNeedsWhatIsAlike(t *testing.T) {
	s := grid(simulate(6))
	s.Points = []Point{s.Points[0], s.Points[3]} // which differ in two parameters
	s.Decide()
	if len(s.Recommendation.Moved) > 0 {
		t.Errorf("%q", s.Recommendation.Moved)
	}
}
