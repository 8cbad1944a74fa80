package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

var update = flag.Bool("update", false, "write anew what is rendered of the recorded runs")

// What is rendered of each recorded run, in every form, is what lies beside its record.
func TestGolden(t *testing.T) {
	for _, name := range recordedRuns(t) {
		t.Run(name, func(t *testing.T) {
			s, events := recorded(t, name)
			checkGolden(t, name, s, events)
		})
	}
}

// A record that ends in the middle of the run tells what it lacks.
func TestGoldenOfACutRecord(t *testing.T) {
	s, events := recorded(t, "all-workloads")
	cut := slices.IndexFunc(events, func(e record.Event) bool { return e.MS > 10_000 })
	checkGolden(t, filepath.Join("all-workloads", "cut"), s, events[:cut])
}

func checkGolden(t *testing.T, name string, s *scenarios.Scenario, events []record.Event) {
	t.Helper()
	r := report.Analyze(s, events)
	for file, render := range map[string]func(io.Writer) error{
		"result.json": func(w io.Writer) error { return report.WriteJSON(w, r) },
		"report.md":   func(w io.Writer) error { return report.WriteMarkdown(w, r) },
		"report.html": func(w io.Writer) error { return report.WriteHTML(w, r, events) },
		"summary.txt": func(w io.Writer) error { return report.WriteText(w, r, report.TextOptions{}) },
		"junit.xml":   func(w io.Writer) error { return report.WriteJUnit(w, r) },
	} {
		var got bytes.Buffer
		if err := render(&got); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		golden(t, filepath.Join("testdata", name, file), got.Bytes())
	}
}

// golden compares what was rendered with a file, or writes that. Of a page, and of what is
// large, the checksum is kept alone.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	const large = 64 << 10
	if len(got) > large || filepath.Ext(file) == ".html" && filepath.Base(filepath.Dir(file)) != "master-kill" {
		sum := sha256.Sum256(got)
		file, got = file+".sha256", []byte(hex.EncodeToString(sum[:])+"\n")
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as rendered: `go test ./report -run Golden -update` writes it anew, and git diff shows how it differs", file)
	}
}
