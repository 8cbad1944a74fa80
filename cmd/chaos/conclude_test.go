package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/render"
)

// conclusion is what the program prints of one run, and its exit code.
func conclusion(t *testing.T, ctx context.Context, o *experiment.Outcome, err error, asJSON bool) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.Bool("json", asJSON, "")
	c := cli.NewContext(&cli.App{Writer: &out, ErrWriter: &errs}, flags, &cli.Context{Context: ctx})
	code, err = concludeRun(c, o, err)
	if err != nil {
		errs.WriteString(err.Error())
	}
	return code, out.String(), errs.String()
}

// Whatever comes of a run, an error is told once: on stderr, or in the summary if that
// is where it belongs. With --json, stdout is the result and nothing else.
func TestAnErrorIsToldOnce(t *testing.T) {
	stuck := errors.New("the node is stuck\nand so is the other")
	full := errors.New("writing report.html to /runs/x: no space left on device")
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	result := func(v report.Verdict, err string) *report.Result {
		return &report.Result{Run: report.Run{Scenario: "x"}, Verdict: v, Error: err}
	}
	skipped := result(report.Error, stuck.Error())
	skipped.Skipped = true
	canceled := fmt.Errorf("deploying: %w", context.Canceled)
	for name, test := range map[string]struct {
		ctx    context.Context
		result *report.Result
		err    error
		code   int
		stdout string   // what the summary begins with; "" if there is none
		stderr []string // all of it
	}{
		"passed":                     {t.Context(), result(report.Pass, ""), nil, exitOK, "PASS: x ran to its end; it expects nothing\n", nil},
		"failed":                     {t.Context(), result(report.Fail, ""), nil, exitExpectation, "FAIL: x", nil},
		"passed, and cannot be told": {t.Context(), result(report.Pass, ""), full, exitNotRun, "PASS: x", []string{full.Error()}},
		"failed, and cannot be told": {t.Context(), result(report.Fail, ""), full, exitNotRun, "FAIL: x", []string{full.Error()}},
		"not carried out":            {t.Context(), result(report.Error, stuck.Error()), stuck, exitNotRun, "ERROR: x was not carried out\n", []string{stuck.Error()}},
		"nor could that be told":     {t.Context(), result(report.Error, stuck.Error()), errors.Join(stuck, full), exitNotRun, "ERROR: x was not carried out\n", []string{stuck.Error(), full.Error()}},
		"no folder for it":           {t.Context(), nil, full, exitNotRun, "", []string{full.Error()}},
		"skipped":                    {t.Context(), skipped, stuck, exitNotRun, "SKIPPED: x: the node is stuck\n", nil},
		"skipped, and cannot be told": {t.Context(), skipped, errors.Join(stuck, full), exitNotRun, "SKIPPED: x\n",
			[]string{stuck.Error(), full.Error()}},
		"interrupted":                 {interrupted, result(report.Error, "the run was interrupted"), canceled, exitInterrupted, "ERROR: x was not carried out: the run was interrupted\n", nil},
		"interrupted, and not healed": {interrupted, result(report.Error, "the run was interrupted"), errors.Join(canceled, stuck), exitNotRun, "ERROR: x was not carried out\n", []string{stuck.Error()}},
		"interrupted at the end":      {interrupted, result(report.Pass, ""), nil, exitInterrupted, "PASS: x", nil},
	} {
		for _, asJSON := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, json %v", name, asJSON), func(t *testing.T) {
				var o *experiment.Outcome
				if test.result != nil {
					o = &experiment.Outcome{Result: test.result}
				}
				code, stdout, stderr := conclusion(t, test.ctx, o, test.err, asJSON)
				if code != test.code {
					t.Errorf("exit %d, want %d", code, test.code)
				}
				want := strings.Join(test.stderr, "\n")
				if asJSON && test.result != nil {
					var r report.Result
					if err := json.Unmarshal([]byte(stdout), &r); err != nil || r.Verdict != test.result.Verdict || r.Error != test.result.Error {
						t.Errorf("%v; stdout:\n%s", err, stdout)
					}
					if test.result.Skipped && want == "" {
						want = test.err.Error() // there is no summary that says so
					}
				} else if !strings.HasPrefix(stdout, test.stdout) || test.stdout == "" && stdout != "" {
					t.Errorf("stdout:\n%s\nwant %q", stdout, test.stdout)
				}
				if stderr != want {
					t.Errorf("stderr:\n%s\nwant:\n%s", stderr, want)
				}
				if !asJSON && test.err != nil && strings.Count(stdout+stderr, "stuck") > 1 {
					t.Errorf("told twice:\n%s\n%s", stdout, stderr)
				}
			})
		}
	}
}

// A report is named if it was written.
func TestReportsThatWereWrittenAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		reports []string
		want    string
	}{
		"both": {[]string{"runs/x/report.md", "runs/x/report.html"}, "\nreport: runs/x/report.md\n        runs/x/report.html\n"},
		"one":  {[]string{"runs/x/report.html"}, "\nreport: runs/x/report.html\n"},
		"none": {nil, ""},
	} {
		var b bytes.Buffer
		err := printForm(&b, render.Forms(), &report.Result{Verdict: report.Pass}, printing{}, test.reports)
		if err != nil || !strings.HasSuffix(b.String(), test.want) || test.want == "" && strings.Contains(b.String(), "report:") {
			t.Errorf("%s: %v\n%s", name, err, b.String())
		}
	}
}

// The reports of a folder that they cannot be written to are not named, and why is told
// once.
func TestReportsThatCannotBeWritten(t *testing.T) {
	out := t.TempDir()
	for _, name := range []string{"report.md", "report.html"} { // no file replaces a folder
		if err := os.MkdirAll(filepath.Join(out, name, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := chaosCommand(t, "report", recordedRun, "--out", out)
	want := fmt.Sprintf("chaos: writing report.md, report.html to %s: file exists\n", out)
	if code != exitNotRun || stdout != "" || stderr != want {
		t.Errorf("exit %d, stdout %q, stderr %q, want %q", code, stdout, stderr, want)
	}
	if left, err := filepath.Glob(filepath.Join(out, ".report*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	for _, name := range []string{"result.json", "junit.xml", "latency.hlog"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}
