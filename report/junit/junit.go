// Package junit writes what came of runs in the form of test results that CI systems read.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Suite is the tests of a run, or of several. Times are in seconds.
type Suite struct {
	XMLName    xml.Name   `xml:"testsuite"`
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Properties []Property `xml:"properties>property"`
	Cases      []Case     `xml:"testcase"`
}

// Property is something that the suite was run with.
type Property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// Case is a test. It passed unless it has one of Failure, Error and Skipped.
type Case struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Failure *Problem `xml:"failure"`
	Error   *Problem `xml:"error"`
	Skipped *Skipped `xml:"skipped"`
	Output  string   `xml:"system-out,omitempty"`
}

// Problem is why a test did not pass.
type Problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// Skipped is why a test was not made.
type Skipped struct {
	Message string `xml:"message,attr"`
}

// New is a suite without tests, of what began at a time and took so many milliseconds.
func New(started time.Time, took record.Millis) *Suite {
	s := &Suite{Name: "redis-chaos", Time: Seconds(took)}
	if !started.IsZero() {
		s.Timestamp = started.UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

// Add adds a test, and counts it.
func (s *Suite) Add(c Case) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Error != nil:
		s.Errors++
	case c.Failure != nil:
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// Errored is a test that could not be made.
func Errored(why string) *Problem { return &Problem{Message: firstLine(why), Type: "error", Text: why} }

// Failed is a test that did not pass.
func Failed(why string) *Problem {
	return &Problem{Message: firstLine(why), Type: "expectation", Text: why}
}

// NotMade is a test that was skipped.
func NotMade(why string) *Skipped { return &Skipped{firstLine(why)} }

// Seconds writes milliseconds as a suite has them.
func Seconds(ms record.Millis) string { return fmt.Sprintf("%.3f", ms/1000) }

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// Write renders a suite.
func Write(w io.Writer, s *Suite) error {
	text, err := xml.MarshalIndent(s, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, visible.Text(string(text)))
	}
	return err
}
