package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// junitSuite is a run in the form that CI systems read: a test for the run
// itself and one for each expectation. Times are in seconds.
type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitSkipped `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit renders junit.xml.
func WriteJUnit(w io.Writer, r *Result) error {
	text, err := xml.MarshalIndent(newJUnitSuite(r), "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, visible.Text(string(text)))
	}
	if err != nil {
		return fmt.Errorf("rendering junit.xml: %w", err)
	}
	return nil
}

func newJUnitSuite(r *Result) junitSuite {
	suite := junitSuite{
		Name: "redis-chaos",
		Time: seconds(r.Run.DurationMS),
		Properties: []junitProperty{
			{"run", r.Run.ID},
			{"server", strings.TrimSpace(r.Run.Server.Name + " " + r.Run.Server.Version)},
			{"image", r.Run.Server.Image},
			{"seed", fmt.Sprint(r.Run.Seed)},
			{"runtime", r.Run.Runtime},
			{"tool", r.Run.Tool},
		},
	}
	if !r.Run.Started.IsZero() {
		suite.Timestamp = r.Run.Started.UTC().Format("2006-01-02T15:04:05")
	}
	run := junitCase{Class: r.Run.Scenario, Name: "run", Time: suite.Time, Output: strings.Join(Story(r), "\n")}
	switch {
	case r.Skipped:
		run.Skipped = &junitSkipped{firstLine(r.Error)}
		suite.Skipped++
	case r.Verdict == Error:
		run.Error = &junitProblem{Message: firstLine(r.Error), Type: "error", Text: r.Error}
		suite.Errors++
	}
	suite.Cases = append(suite.Cases, run)
	for _, e := range r.Expectations {
		// All of the time went into the run; an expectation takes none of its own.
		c := junitCase{Class: r.Run.Scenario, Name: e.Name + " " + e.Want, Time: seconds(0)}
		if e.OK {
			c.Output = "got " + e.Shown
		} else {
			message := missed(e)
			c.Failure = &junitProblem{Message: message, Type: "expectation", Text: message}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.Tests = len(suite.Cases)
	return suite
}

// missed says how an expectation did not hold.
func missed(e Expectation) string {
	if e.Got == nil { // then what is shown is the reason
		return fmt.Sprintf("want %s, %s", e.Want, e.Shown)
	}
	return fmt.Sprintf("want %s, got %s", e.Want, e.Shown)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }
