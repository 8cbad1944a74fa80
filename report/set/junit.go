package set

import (
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/junit"
	"github.com/redis-chaos/redis-chaos/report/page"
)

// writeJUnit renders one suite with a test for each expectation about the set, and one
// for each run. Where the share of runs that passed is what counts, a run that failed is told of
// in the output of its test, which passes.
func writeJUnit(w io.Writer, s *Set) error { return junit.Write(w, s.suite()) }

func (s *Set) suite() *junit.Suite {
	suite := junit.New(s.Started, s.Duration)
	suite.Properties = []junit.Property{
		{Name: "set", Value: s.ID},
		{Name: "server", Value: strings.TrimSpace(s.Server.Name + " " + s.Server.Version)},
		{Name: "image", Value: s.Server.Image},
		{Name: "seed", Value: fmt.Sprint(s.Seed)},
		{Name: "runtime", Value: s.Runtime},
		{Name: "tool", Value: s.Tool},
		{Name: "command", Value: s.Command},
	}
	made := junit.Case{Class: s.Scenario, Name: "set", Time: suite.Time, Output: page.Plain(strings.Join(Story(s), "\n"))}
	if s.Error != "" {
		made.Error = junit.Errored(s.Error)
	} else if len(s.Runs) == 0 {
		made.Error = junit.Errored("no run was made")
	}
	suite.Add(made)
	for _, e := range s.Expectations {
		c := junit.Case{Class: s.Scenario, Name: e.Name + " " + e.Want, Time: junit.Seconds(0)}
		switch {
		case e.OK:
			c.Output = "got " + e.Shown
		case e.Got == nil: // then what is shown is the reason
			c.Failure = junit.Failed(fmt.Sprintf("want %s, %s", e.Want, e.Shown))
		default:
			c.Failure = junit.Failed(fmt.Sprintf("want %s, got %s", e.Want, e.Shown))
		}
		suite.Add(c)
	}
	for _, r := range s.Runs {
		suite.Add(s.test(r))
	}
	return suite
}

// test is that of a run.
func (s *Set) test(r Run) junit.Case {
	c := junit.Case{Class: s.Scenario, Name: r.ID, Time: junit.Seconds(r.Duration)}
	failed := "did not hold: " + strings.Join(r.Failed, ", ")
	switch {
	case r.Skipped:
		c.Skipped = junit.NotMade(r.Error)
	case r.Verdict == report.Error:
		c.Error = junit.Errored(r.Error)
	case r.Verdict == report.Fail && s.ByShare():
		c.Output = failed
	case r.Verdict == report.Fail:
		c.Failure = junit.Failed(failed)
	}
	return c
}
