package sample

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/fault"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/workload"
)

// Dir is the folder of a run that was recorded on a real cluster: its scenario, its record, and
// what is rendered of it.
func Dir(name string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "testdata", name)
}

// RecordedRuns lists all of them.
func RecordedRuns(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Dir("*"), "scenario.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	return names
}

// Recorded reads one.
func Recorded(t testing.TB, name string) (*scenarios.Scenario, []record.Event) {
	t.Helper()
	catalog := scenarios.Catalog{Faults: fault.Kinds(), Workloads: workload.Kinds(), Causes: report.Causes()}
	s, _, err := parse.Load(t.Context(), filepath.Join(Dir(name), "scenario.yaml"), catalog, nil)
	if err != nil {
		t.Fatal(err)
	}
	events, err := record.Read(bytes.NewReader(Events(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	return s, events
}

// Events is the record of one as it stands in its file, which may be compressed.
func Events(t testing.TB, name string) []byte {
	t.Helper()
	if plain, err := os.ReadFile(filepath.Join(Dir(name), "events.ndjson")); err == nil {
		return plain
	}
	packed, err := os.Open(filepath.Join(Dir(name), "events.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
