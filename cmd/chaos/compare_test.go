package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/stats"
)

// setIn makes the folder of a set whose runs have a failover_time about a middle, in ms.
func setIn(t *testing.T, runs int, middle float64) string {
	t.Helper()
	s := &set.Set{Schema: set.Schema, Scenario: "master-kill", Source: "name: master-kill\n", Verdict: report.Pass}
	for i := range runs {
		s.Runs = append(s.Runs, set.Run{ID: fmt.Sprint("run-", i), Verdict: report.Pass,
			Values: map[string]stats.Value{"failover_time": stats.Value(middle + 10*float64(i)), "lost_writes": 0}})
	}
	s.Figures = set.Summarize(s.Runs, []string{"failover_time", "lost_writes"})
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(write(t, "set.json", string(text)))
}

func TestCompareSets(t *testing.T) {
	old, slower := setIn(t, 10, 4000), setIn(t, 10, 5000)
	out := filepath.Join(t.TempDir(), "made", "anew")
	code, stdout, stderr := chaosCommand(t, "compare", old, slower, "--fail-on", "failover_time > +20%", "--fail-on", "lost_writes > +0", "--out", out)
	if code != exitExpectation || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{"FAIL: failover_time is worse in " + slower, "FAIL  fails if failover_time > +20%  got 4.04 s → 5.04 s (+1.00 s, +25 %", "ok    fails if lost_writes > +0", "The same in every run: lost_writes 0."} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is missing in:\n%s", want, stdout)
		}
	}
	written, err := os.ReadFile(filepath.Join(out, "compare.json"))
	if err != nil {
		t.Fatal(err)
	}
	if markdown, err := os.ReadFile(filepath.Join(out, "compare.md")); err != nil || !strings.HasPrefix(string(markdown), "# FAIL: failover_time is worse in ") {
		t.Errorf("%v:\n%s", err, markdown)
	}
	code, stdout, _ = chaosCommand(t, "compare", old, slower, "--fail-on", "failover_time > +20%", "--fail-on", "lost_writes > +0", "--json")
	if code != exitExpectation || stdout != string(written) {
		t.Errorf("exit %d; on stdout and in compare.json:\n%s\n%s", code, stdout, written)
	}
	// A change within the bound, and one that is sure without any bound, are no failures.
	for _, args := range [][]string{{"--fail-on", "failover_time > +30%"}, nil} {
		if code, stdout, _ := chaosCommand(t, append([]string{"compare", old, slower}, args...)...); code != exitOK || !strings.HasPrefix(stdout, "WORSE: ") {
			t.Errorf("%q: exit %d\n%s", args, code, stdout)
		}
	}
	// Nor are too few runs.
	code, stdout, _ = chaosCommand(t, "compare", setIn(t, 3, 4000), setIn(t, 3, 9000), "--fail-on", "failover_time > +20%")
	if code != exitOK || !strings.Contains(stdout, ": too few runs to tell; ") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestCompareRuns(t *testing.T) {
	code, stdout, stderr := chaosCommand(t, "compare", recordedRun, recordedRun)
	if code != exitOK || stderr != "" || !strings.Contains(stdout, ": 1 run of master-kill, redis 7.0.15\n") || !strings.Contains(stdout, "The same in every run: ") {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
	const other = "../../report/testdata/master-stop"
	code, stdout, stderr = chaosCommand(t, "compare", recordedRun, other)
	if code != exitUsage || stdout != "" || !strings.Contains(stderr, "are of different scenarios, so that their figures do not compare: name: master-kill → master-stop; ") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	code, stdout, stderr = chaosCommand(t, "compare", recordedRun, other, "--force")
	if code != exitOK || stderr != "" || !strings.Contains(stdout, "TOO FEW RUNS") || !strings.Contains(stdout, "1 run in each set cannot tell any change from chance: it takes at least ") {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
}

// A run of which the record is gone compares by its result.
func TestCompareARunWithItsResult(t *testing.T) {
	alone := t.TempDir()
	if code, _, stderr := chaosCommand(t, "report", recordedRun, "--out", alone); code != exitOK {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	scenario, err := os.ReadFile(filepath.Join(recordedRun, "scenario.yaml"))
	if err == nil {
		err = os.WriteFile(filepath.Join(alone, "scenario.yaml"), scenario, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := chaosCommand(t, "compare", recordedRun, alone)
	if code != exitOK || stderr != "" || !strings.Contains(stdout, "The same in every run: ") {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
}

func TestCompareOfWhatCannotBe(t *testing.T) {
	good := setIn(t, 3, 4000)
	folder := func(text string) string { return filepath.Dir(write(t, "set.json", text)) }
	linked := t.TempDir()
	if err := os.Symlink(filepath.Join(good, "set.json"), filepath.Join(linked, "set.json")); err != nil {
		t.Fatal(err)
	}
	spoiled := func(from, to string) string {
		text, err := os.ReadFile(filepath.Join(good, "set.json"))
		if err != nil || !strings.Contains(string(text), from) {
			t.Fatalf("%v, %q in %s", err, from, text)
		}
		return folder(strings.Replace(string(text), from, to, 1))
	}
	aFile := write(t, "file", "")
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"one folder":        {[]string{good}, exitUsage, "chaos compare takes two folders, each of a set or of a run, not 1"},
		"missing folder":    {[]string{good, aFile + "-not"}, exitUsage, "there is nothing of that name; name the folder of a set, which has set.json, or of a run"},
		"a file":            {[]string{aFile, good}, exitUsage, "but a file"},
		"an empty folder":   {[]string{good, t.TempDir()}, exitUsage, "has no scenario.yaml"},
		"a wrong bound":     {[]string{good, good, "--fail-on", "failover_tme > +20%"}, exitUsage, `--fail-on "failover_tme > +20%": unknown figure "failover_tme"; did you mean "failover_time"?`},
		"a figure of none":  {[]string{good, good, "--fail-on", "double_holds > +0"}, exitUsage, "neither set has this figure; they have failover_time, lost_writes"},
		"--out is a file":   {[]string{good, good, "--out", aFile}, exitUsage, "is a file; name a folder"},
		"an unknown flag":   {[]string{good, good, "--failon", "x"}, exitUsage, "`chaos compare --help` shows what it takes"},
		"a link":            {[]string{good, linked}, exitNotRun, "is a symbolic link, and not a file"},
		"no JSON":           {[]string{good, folder("{")}, exitNotRun, "set.json: "},
		"nothing":           {[]string{good, folder("null")}, exitNotRun, "schema"},
		"another file":      {[]string{good, folder(`{"schema":"redis-chaos/result/v1"}`)}, exitNotRun, "schema"},
		"a figure is null":  {[]string{good, spoiled(`"failover_time":4000`, `"failover_time":null`)}, exitNotRun, `a figure is a number or "never", not null`},
		"a figure is below": {[]string{good, spoiled(`"failover_time":4000`, `"failover_time":-1`)}, exitNotRun, "failover_time of run run-0 is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := chaosCommand(t, append([]string{"compare"}, test.args...)...)
			if code != test.code || !strings.Contains(stderr, test.want) || stdout != "" {
				t.Errorf("exit %d, stdout %q, stderr:\n%s\nwant exit %d and %q", code, stdout, stderr, test.code, test.want)
			}
		})
	}
}
