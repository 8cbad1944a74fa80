package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/junit"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
)

// JUnit renders junit.xml: a test for the run itself and one for each expectation.
func JUnit(w io.Writer, r *report.Result) error { return junit.Write(w, newJUnitSuite(r)) }

func newJUnitSuite(r *report.Result) *junit.Suite {
	suite := junit.New(r.Run.Started, r.Run.Duration)
	suite.Properties = []junit.Property{
		{Name: "run", Value: r.Run.ID},
		{Name: "server", Value: strings.TrimSpace(r.Run.Server.Name + " " + r.Run.Server.Version)},
		{Name: "image", Value: r.Run.Server.Image},
		{Name: "seed", Value: fmt.Sprint(r.Run.Seed)},
		{Name: "runtime", Value: r.Run.Runtime},
		{Name: "tool", Value: r.Run.Tool},
	}
	run := junit.Case{Class: r.Run.Scenario, Name: "run", Time: suite.Time, Output: strings.Join(prose.Story(r), "\n")}
	switch {
	case r.Skipped:
		run.Skipped = junit.NotMade(r.Error)
	case r.Verdict == report.Error:
		run.Error = junit.Errored(r.Error)
	}
	suite.Add(run)
	for _, e := range r.Expectations {
		// All of the time went into the run; an expectation takes none of its own.
		c := junit.Case{Class: r.Run.Scenario, Name: e.Name + " " + e.Want, Time: junit.Seconds(0)}
		if e.OK {
			c.Output = "got " + e.Shown
		} else {
			c.Failure = junit.Failed(missed(e))
		}
		suite.Add(c)
	}
	return suite
}

// missed says how an expectation did not hold.
func missed(e report.Expectation) string {
	if e.Got == nil { // then what is shown is the reason
		return fmt.Sprintf("want %s, %s", e.Want, e.Shown)
	}
	return fmt.Sprintf("want %s, got %s", e.Want, e.Shown)
}
