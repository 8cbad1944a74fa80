package render

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/junit"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// suiteOf renders a result and reads it back.
func suiteOf(t *testing.T, r *report.Result) junit.Suite {
	t.Helper()
	var text strings.Builder
	if err := JUnit(&text, r); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), xml.Header) {
		t.Error("the file does not start as XML does")
	}
	var suite junit.Suite
	if err := xml.Unmarshal([]byte(text.String()), &suite); err != nil {
		t.Fatalf("%v in\n%s", err, text.String())
	}
	return suite
}

func TestJUnit(t *testing.T) {
	suite := suiteOf(t, &report.Result{
		Verdict: report.Fail,
		Run: report.Run{
			ID: "master-kill-1", Scenario: "master-kill", Started: time.Date(2026, 11, 22, 3, 4, 5, 6, time.UTC), Duration: 20107.4,
			Seed: 42, Server: record.Server{Name: "redis", Version: "7.0.15"},
		},
		Expectations: []report.Expectation{
			{Name: "failover_time", Want: "<= 8s", Got: 9120.0, Shown: "9.12 s"},
			{Name: "client_recovery", Want: "<= 10s", Shown: "not measured: no failover happened"},
			{Name: "recovered", Want: "true", Got: true, OK: true, Shown: "true"},
		},
	})
	if suite.Name != "redis-chaos" || suite.Tests != 4 || suite.Failures != 2 || suite.Errors != 0 ||
		suite.Time != "20.107" || suite.Timestamp != "2026-11-22T03:04:05" {
		t.Errorf("the suite is %+v", suite)
	}
	properties := map[string]string{}
	for _, p := range suite.Properties {
		properties[p.Name] = p.Value
	}
	if properties["run"] != "master-kill-1" || properties["server"] != "redis 7.0.15" || properties["seed"] != "42" {
		t.Errorf("the properties are %v", properties)
	}
	for i, want := range []struct{ name, failure string }{
		{"run", ""},
		{"failover_time <= 8s", "want <= 8s, got 9.12 s"},
		{"client_recovery <= 10s", "want <= 10s, not measured: no failover happened"},
		{"recovered true", ""},
	} {
		c, failure := suite.Cases[i], ""
		if c.Failure != nil {
			failure = c.Failure.Message
		}
		if c.Class != "master-kill" || c.Name != want.name || failure != want.failure || c.Error != nil {
			t.Errorf("case %d is %+v, failing with %q; want %+v", i, c, failure, want)
		}
	}
}

func TestJUnitOfARunThatCouldNotBeCarriedOut(t *testing.T) {
	suite := suiteOf(t, &report.Result{Verdict: report.Error, Error: "no such image\nand more", Run: report.Run{Scenario: "master-kill"}})
	if suite.Tests != 1 || suite.Errors != 1 || suite.Failures != 0 || suite.Timestamp != "" {
		t.Errorf("the suite is %+v", suite)
	}
	if e := suite.Cases[0].Error; e == nil || e.Message != "no such image" || e.Text != "no such image\nand more" {
		t.Errorf("the run's error is %+v", e)
	}
}

func TestJUnitIsAlwaysXML(t *testing.T) {
	const hostile = "]]></testcase>\"'&<!-- \x00\x01\x1b[31m\x7f\xff\ufffe\r\n\t"
	suite := suiteOf(t, &report.Result{
		Verdict: report.Error, Error: hostile,
		Run:          report.Run{ID: hostile, Scenario: hostile, Tool: hostile, Server: record.Server{Name: hostile, Image: hostile}},
		Faults:       []report.Fault{{Kind: hostile, Error: hostile}},
		Expectations: []report.Expectation{{Name: hostile, Want: hostile, Shown: hostile}, {OK: true, Shown: hostile}},
	})
	if suite.Tests != 3 || suite.Errors != 1 || suite.Failures != 1 {
		t.Errorf("the suite is %+v", suite)
	}
	suiteOf(t, &report.Result{})
}
