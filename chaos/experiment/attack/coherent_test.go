//go:build linux

package attack

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// result is the result.json of a program's run, after it was checked for figures that
// cannot be; not ok where there is none.
func result(t *testing.T, p *program) (r report.Result, ok bool) {
	t.Helper()
	if p.runID() == "" {
		return r, false
	}
	text, err := os.ReadFile(filepath.Join(p.dir(), "result.json"))
	if os.IsNotExist(err) {
		return r, false
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Errorf("result.json, of %d bytes: %v", len(text), err)
		return r, false
	}
	plausible(t, text)
	return r, true
}

// plausible fails the test if a result has a figure below 0.
func plausible(t *testing.T, result []byte) {
	t.Helper()
	var tree any
	if err := json.Unmarshal(result, &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if key != "evidence" { // lines of logs from before the run have times below 0
					walk(path+"."+key, inner)
				}
			}
		case []any:
			for _, inner := range v {
				walk(path+"[]", inner)
			}
		case float64:
			if v < 0 {
				t.Errorf("result.json: %s is %v", strings.TrimPrefix(path, "."), v)
			}
		}
	}
	walk("", tree)
}

// coherent fails the test unless the exit code, what was printed and result.json tell the
// same.
func coherent(t *testing.T, p *program) {
	t.Helper()
	r, ok := result(t, p)
	code := p.code()
	want := map[report.Verdict]int{report.Pass: exitOK, report.Fail: exitExpectation, report.Error: exitNotRun}
	switch {
	case !slices.Contains([]int{exitOK, exitExpectation, exitNotRun}, code):
		t.Errorf("%s", p.told())
	case code == exitNotRun: // whatever came of it, it could not be told
	case !ok || want[r.Verdict] != code:
		t.Errorf("the verdict in result.json is %q (there: %v): %s", r.Verdict, ok, p.told())
	}
	printed, _, _ := strings.Cut(p.stdout.String(), ":")
	if verdict := report.Verdict(strings.ToLower(printed)); (verdict == report.Pass || verdict == report.Fail) && (!ok || r.Verdict != verdict) {
		t.Errorf("it printed %s, and the verdict in result.json is %q (there: %v): %s", printed, r.Verdict, ok, p.told())
	}
	if code == exitOK || code == exitExpectation {
		for _, name := range []string{"report.md", "report.html", "junit.xml", "events.ndjson"} {
			if info, err := os.Stat(filepath.Join(p.dir(), name)); err != nil || info.Size() == 0 {
				t.Errorf("exit %d without %s: %v", code, name, err)
			}
		}
	}
}
