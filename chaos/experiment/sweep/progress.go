package sweep

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// label says which run a task is.
func (s *sweep) label(t task) string {
	what := "failure"
	switch {
	case t.hiccup != nil:
		what = string(t.hiccup.kind)
	case t.failure.kind == partition:
		what = partition
	}
	return strings.Join(t.point.values, ", ") + " " + what
}

// count is how far the sweep is.
func (s *sweep) count() string {
	if s.budget > 0 {
		return fmt.Sprintf("%s of %s,", time.Since(s.started).Round(time.Second), s.budget)
	}
	return fmt.Sprintf("%d of %d,", s.made, s.made+len(s.agenda.tasks)+len(s.underWay))
}

// came says in a line what came of a run.
func (s *sweep) came(t task, run set.Run, r *report.Result) string {
	if run.Verdict == report.Error {
		line, _, _ := strings.Cut(run.Error, "\n")
		return "not carried out: " + line
	}
	if t.failure != nil {
		var parts []string
		for _, name := range []string{"failover_time", "client_recovery"} {
			if v, ok := run.Values[name]; ok {
				parts = append(parts, name+" "+set.Text(set.Millis, v))
			}
		}
		return strings.Join(parts, ", ")
	}
	trials := t.hiccup.trials
	var parts []string
	for _, trial := range trials[max(0, len(trials)-len(r.Faults)):] {
		if trial.Run != r.Run.ID {
			continue
		}
		what := "survived"
		if trial.Failed {
			what = "failover"
		}
		parts = append(parts, words.Duration(trial.Length)+" "+what)
	}
	return strings.Join(parts, ", ")
}

// status is how far the sweep is, and for how long it will go on.
func (s *sweep) status() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.left(s.agenda.tasks)
	for _, u := range s.underWay {
		left += max(0, u.takes-time.Since(u.began)) / time.Duration(max(1, len(s.underWay)))
	}
	if s.budget > 0 {
		left = min(left, max(0, s.budget-time.Since(s.started)))
	}
	return fmt.Sprintf("%s %d under way, about %s left", s.count(), len(s.underWay), left.Round(time.Second))
}

// everySecond calls f once a second until it is stopped.
func everySecond(f func()) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				f()
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// narrowing begins what is said of a longer sweep.
const narrowing = "Twice as many runs would narrow "

// buys says what twice as many runs would narrow; "" if that is not known.
func (s *sweep) buys(r tune.Recommendation) string {
	if r.Point == nil {
		return ""
	}
	p := s.points[*r.Point]
	var parts []string
	add := func(what string, t task) {
		const unknown = 2
		if width, n := t.uncertainty(s.figure()); n > 0 && width < unknown {
			parts = append(parts, fmt.Sprintf("the interval of %s from %.0f %% to about %.0f %% of it", what, 100*width, 100*width/math.Sqrt2))
		}
	}
	add("the median of "+s.figure(), task{point: p, failure: p.failures[0]})
	for _, h := range p.hiccups {
		add(fmt.Sprintf("the length at which 5 %% of hiccups (%s) cause a failover", h.kind), task{point: p, hiccup: h})
	}
	if len(parts) == 0 {
		return ""
	}
	return narrowing + strings.Join(parts, ", and ") + "."
}
