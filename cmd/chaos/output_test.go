package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/render"
)

const hostile = "a\x1b[31mb\r\u202ec\n::error::d"

// What is printed drives no terminal and no CI system, whatever names and errors hold.
func TestOutputIsVisible(t *testing.T) {
	var to bytes.Buffer
	o := &output{to: &to}
	if n, err := o.Write([]byte(hostile + "\n")); err != nil || n != len(hostile)+1 {
		t.Errorf("%d, %v", n, err)
	}
	if want := `a\x1b[31mb\r\u202ec` + "\n" + `:\x3aerror::d` + "\n"; to.String() != want {
		t.Errorf("%q, want %q", to.String(), want)
	}

	// Control characters of the program's own pass.
	to.Reset()
	p := newProgress(o, false)
	p.terminal = true
	p.status(hostile)
	p.line(hostile)
	shown := `  a\x1b[31mb\r\u202ec\n::error::d`
	if want := "   0.0s" + shown + "\r\x1b[K" + "   0.0s" + shown + "\n"; to.String() != want {
		t.Errorf("progress: %q, want %q", to.String(), want)
	}
	to.Reset()
	p.warn(hostile)
	if want := `chaos: warning: a\x1b[31mb\r\u202ec` + "\n" + `:\x3aerror::d` + "\n"; to.String() != want {
		t.Errorf("a warning: %q, want %q", to.String(), want)
	}

	to.Reset()
	result := &report.Result{Verdict: report.Error, Error: hostile, Run: report.Run{Scenario: hostile}, Notes: []string{hostile}}
	if err := printForm(o, render.Forms(), result, printing{}, []string{hostile}); err != nil {
		t.Error(err)
	}
	if strings.ContainsAny(to.String(), "\x1b\r\u202e") || strings.Contains(to.String(), "\n::") {
		t.Errorf("the summary is %q", to.String())
	}
	to.Reset()
	if err := printStatus(o, clusterStatus{Cluster: hostile, Problems: []string{hostile}, Nodes: []nodeStatus{{Name: "x", Error: hostile}, {Role: hostile}}}); err != nil {
		t.Error(err)
	}
	if lines := strings.Count(to.String(), "\n"); lines != 7 || strings.ContainsAny(to.String(), "\x1b\r\u202e") {
		t.Errorf("the status has %d lines: %q", lines, to.String())
	}
	to.Reset()
	if err := printJSON(o, hostile); err != nil || to.String() != `"a\u001b[31mb\r\u202ec\n::error::d"`+"\n" {
		t.Errorf("%v, JSON %q", err, to.String())
	}
}

// An error's text comes from anywhere, such as a name that is not known.
func TestErrorsAreVisible(t *testing.T) {
	for _, args := range [][]string{
		{"run", hostile}, {"validate", hostile}, {hostile}, {"run", "master-kill", "--set", hostile},
		{"run", "master-kill", "--runtime", hostile}, {"report", hostile}, {"up", "--name", hostile},
	} {
		code, stdout, stderr := chaosCommand(t, args...)
		if code != exitUsage || stdout != "" || strings.ContainsAny(stderr, "\x1b\r\u202e") || strings.Contains(stderr, "\n::") {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
}

// What could not be printed is no success.
func TestStdoutIsFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("needs /dev/full:", err)
	}
	defer full.Close()
	for _, args := range [][]string{
		{"list"}, {"list", "--json"}, {"validate", "master-kill"}, {"version"}, {"--help"}, {"run", "--help"},
		{"report", recordedRun, "--out", filepath.Join(t.TempDir(), "a")}, {"report", recordedRun, "--json", "--out", filepath.Join(t.TempDir(), "b")},
	} {
		var stderr bytes.Buffer
		code := runProgram(t.Context(), append([]string{"chaos"}, args...), full, &stderr)
		if code != exitNotRun || !strings.Contains(stderr.String(), "no space left on device") || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%q: exit %d, stderr %q", args, code, stderr.String())
		}
	}
}
