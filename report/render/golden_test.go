package render_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

var update = flag.Bool("update", false, "write anew what is rendered of the recorded runs")

// What is rendered of each recorded run, in every form, is what lies beside its record.
func TestGolden(t *testing.T) {
	for _, name := range sample.RecordedRuns(t) {
		t.Run(name, func(t *testing.T) {
			s, events := sample.Recorded(t, name)
			checkGolden(t, name, s, events)
		})
	}
}

// A record that ends in the middle of the run tells what it lacks.
func TestGoldenOfACutRecord(t *testing.T) {
	s, events := sample.Recorded(t, "all-workloads")
	cut := slices.IndexFunc(events, func(e record.Event) bool { return e.At > 10_000 })
	checkGolden(t, filepath.Join("all-workloads", "cut"), s, events[:cut])
}

// checkGolden holds every form of a report against its file, and what is rendered of the
// result.json alone against that.
func checkGolden(t *testing.T, name string, s *scenarios.Scenario, events []record.Event) {
	t.Helper()
	rendered := everyForm(t, prose.Describe(analysis.Analyze(s, events)))
	for form, text := range rendered {
		golden(t, filepath.Join(sample.Dir(name), form), text)
	}
	read, err := report.Read(bytes.NewReader(rendered["result.json"]))
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range everyForm(t, read) {
		if !bytes.Equal(text, rendered[form]) {
			t.Errorf("%s is another one when it is made of result.json", form)
		}
	}
}

// everyForm is a result as each renderer renders it.
func everyForm(t *testing.T, r *report.Result) map[string][]byte {
	t.Helper()
	rendered := map[string][]byte{}
	forms := append(render.Forms().Files, form.File("summary.txt", render.Forms().Summary(page.TextOptions{})))
	for _, form := range forms {
		var text bytes.Buffer
		if err := form.Render(&text, r); err != nil {
			t.Fatalf("%s: %v", form.Name, err)
		}
		rendered[form.Name] = text.Bytes()
	}
	return rendered
}

// golden compares what was rendered with a file, or writes that. Of a page, of a timeline and of
// what is large, the checksum is kept alone.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	const large = 64 << 10
	if text, timeline, ok := bytes.Cut(got, []byte("\n  \"timeline\": ")); ok {
		got = fmt.Appendf(nil, "%s\n  \"timeline\": %s\n", text, checksum(timeline))
	}
	if len(got) > large || filepath.Ext(file) == ".html" && filepath.Base(filepath.Dir(file)) != "master-kill" {
		file, got = file+".sha256", []byte(checksum(got)+"\n")
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
		t.Errorf("%s is not as rendered; -update writes it anew", file)
	}
}

func checksum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
