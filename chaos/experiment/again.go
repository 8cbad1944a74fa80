package experiment

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// ErrNotARun is in the chain of the error that says that a folder is not that of a run.
var ErrNotARun = errors.New("not the folder of a run")

// Again analyses the record in a run's folder anew, and writes the result and the
// reports to out. A record that is damaged or cut short gives what it holds, and
// the result's notes say what is missing.
func Again(dir, out string) (*Outcome, error) {
	s, events, err := load(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the reports: %w", err)
	}
	files := &artifacts{dir: out}
	result := report.Analyze(s, events)
	return files.outcome(result, events, files.takePictures(dir, result))
}

// load reads the scenario and the record that a run left in its folder. What is
// wrong with the record is noted among its events.
func load(dir string) (*scenarios.Scenario, []record.Event, error) {
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("%s is %w: there is nothing of that name", dir, ErrNotARun)
	case err != nil:
		return nil, nil, err
	case !info.IsDir():
		return nil, nil, fmt.Errorf("%s is %w, but a file; name the folder that it is in", dir, ErrNotARun)
	}
	source := filepath.Join(dir, "scenario.yaml")
	text, err := os.ReadFile(source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s is %w: it has no scenario.yaml; name the folder of one run, such as chaos-runs/latest", dir, ErrNotARun)
	}
	if err != nil {
		return nil, nil, err
	}
	s, err := scenarios.Parse(source, text, Catalog(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the scenario of the run: %w", err)
	}
	const nothing = "the run ended before its cluster was up, and there is nothing to report"
	file := filepath.Join(dir, "events.ndjson")
	content, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("there is no %s: %s", file, nothing)
	case err != nil:
		return nil, nil, err
	case len(content) == 0:
		return nil, nil, fmt.Errorf("%s is empty: %s", file, nothing)
	}
	events, damage, err := record.Salvage(bytes.NewReader(content))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(events) == 0 {
		return nil, nil, fmt.Errorf("%s holds no event", file)
	}
	for _, note := range damage.Notes() {
		events = append(events, record.Event{Data: &record.Note{Text: note}})
	}
	return s, events, nil
}
