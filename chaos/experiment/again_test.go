package experiment

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// recordedRun is a copy of a run that was recorded on a real cluster, with its
// record changed.
func recordedRun(t *testing.T, change func(events string) string) string {
	t.Helper()
	from, dir := filepath.Join("..", "..", "report", "testdata", "master-kill"), t.TempDir()
	for name, change := range map[string]func(string) string{
		"scenario.yaml": func(text string) string { return text }, "events.ndjson": change,
	} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(change(string(text))), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// loadRun reads the folder of a run.
func loadRun(t *testing.T, dir string) (*scenarios.Scenario, []record.Event, error) {
	t.Helper()
	run, err := openRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	return load(t.Context(), run)
}

// before is a record up to the middle of the first line of a type.
func before(events, typ string) string {
	return events[:strings.Index(events, `"type":"`+typ+`"`)]
}

// Whatever is left of a record is rendered, and what is missing is said.
func TestReportOfADamagedRecord(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(events string) string
		verdict report.Verdict
		err     string   // in the result
		notes   []string // parts of notes
	}{
		"whole": {func(events string) string { return events }, report.Pass, "", nil},
		"cut short after the workloads": {func(events string) string { return before(events, "settled") }, report.Error, "the record ends before the run does",
			[]string{"The record ends in the middle of a line", "before the run does. It does not hold: whether the cluster recovered; whether acked writes are lost (orders); the servers' logs"}},
		"cut short before": {func(events string) string { return before(events, "workload_done") }, report.Error, "the record ends before the run does",
			[]string{"It does not hold: what the workloads counted (orders); "}},
		"only the end is missing": {func(events string) string { return before(events, "run_ended") }, report.Error, "the record ends before the run does",
			[]string{"before the run does."}},
		"garbage in the middle": {func(events string) string {
			i := strings.Index(events, "\n") + 1
			return events[:i] + "\x00\xff\x7f{\n" + events[i:]
		}, report.Pass, "", []string{"The record is damaged: 1 of its lines could not be read and are left out; the first: events, line 2: "}},
		"garbage at the beginning": {func(events string) string {
			return "\x00\xff" + events[10:]
		}, report.Error, "the record does not hold the start of the run", []string{"The record is damaged: 1 of its lines"}},
		"in another order": {func(events string) string {
			lines := strings.SplitAfter(events, "\n")
			slices.Reverse(lines)
			return strings.Join(lines, "")
		}, report.Pass, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir, out := recordedRun(t, test.change), filepath.Join(t.TempDir(), "new", "folder")
			outcome, err := Again(t.Context(), dir, out)
			if err != nil {
				t.Fatal(err)
			}
			r := outcome.Result
			if r.Verdict != test.verdict || r.Error != test.err || r.Run.Scenario != "master-kill" {
				t.Errorf("%s (%s) of %s, want %s (%s)", r.Verdict, r.Error, r.Run.Scenario, test.verdict, test.err)
			}
			notes := strings.Join(r.Notes, "\n")
			for _, want := range test.notes {
				if !strings.Contains(notes, want) {
					t.Errorf("notes:\n%s\nwant %q", notes, want)
				}
			}
			if len(test.notes) == 0 && strings.Contains(notes, "The record") {
				t.Errorf("notes:\n%s", notes)
			}
			for _, name := range []string{"result.json", "report.md", "report.html", "junit.xml", "latency.hlog"} {
				if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// Histories that cannot be judged are named, and nothing is reported in their stead; a run
// that has none is reported as it was recorded.
func TestReportOfDamagedHistories(t *testing.T) {
	dir := recordedRun(t, func(events string) string { return events })
	if _, _, err := loadRun(t, dir); err != nil {
		t.Fatalf("without histories: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "histories"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "histories", "orders.gz")
	if err := os.WriteFile(path, []byte("not even compressed"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Again(t.Context(), dir, t.TempDir()); err == nil || !strings.Contains(err.Error(), "orders.gz holds no histories") || !strings.Contains(err.Error(), dir) {
		t.Errorf("damaged: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", path); err != nil {
		t.Fatal(err)
	}
	if _, err := Again(t.Context(), dir, t.TempDir()); err == nil || !strings.Contains(err.Error(), "orders.gz is a symbolic link") {
		t.Errorf("a link: %v", err)
	}
}
