package experiment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/parse"
	"github.com/redis-chaos/redis-chaos/workload"
)

// ErrNotARun is in the chain of the error that says that a folder is not that of a run.
var ErrNotARun = errors.New("not the folder of a run")

// Again analyses the record in a run's folder anew, and writes the result and the
// reports to out. A record that is damaged or cut short gives what it holds, and
// the result's notes say what is missing. Where there is no record but a result, that
// is rendered as it stands.
func Again(ctx context.Context, dir, out string) (*Outcome, error) {
	run, err := openRun(dir)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	result, beside, err := resultOf(ctx, run)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the reports: %w", err)
	}
	to, err := folder.Open(out)
	if err != nil {
		return nil, fmt.Errorf("opening the folder for the reports: %w", err)
	}
	defer to.Close()
	files := &artifacts{to}
	return files.outcome(result, files.takePictures(ctx, run, result), beside...)
}

// resultOf is the result of the run in a folder, and what is made of its record beside it, if
// there is one.
func resultOf(ctx context.Context, run folder.Folder) (r *report.Result, beside []folder.File, err error) {
	if resultAlone(run) {
		r, err := readResult(ctx, run)
		return r, nil, err
	}
	s, events, err := load(ctx, run)
	if err != nil {
		return nil, nil, err
	}
	return prose.Describe(analysis.Analyze(s, events)), []folder.File{latencyLog(events)}, nil
}

// resultAlone tells whether a run's folder has no record, but a result.
func resultAlone(run folder.Folder) bool { return !run.Has(recordName) && run.Has(resultName) }

// readResult reads the result alone that a run left in its folder, and notes that it is all that
// there is.
func readResult(ctx context.Context, run folder.Folder) (*report.Result, error) {
	text, err := run.Read(ctx, resultName, maxResult)
	if err != nil {
		return nil, err
	}
	r, err := report.Read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("there is no %s, and %s is of no use: %w", run.Path(recordName), run.Path(resultName), err)
	}
	alone := report.Notice{Kind: report.NoticeResultAlone}
	if !slices.ContainsFunc(r.Notices, func(n report.Notice) bool { return n.Kind == alone.Kind }) {
		r.Notices, r.Notes = append(r.Notices, alone), append(r.Notes, prose.Notice(r, alone))
	}
	return r, nil
}

// Read analyses the record in a run's folder anew, or reads its result, as Again does, and
// writes nothing.
func Read(ctx context.Context, dir string) (*report.Result, *scenarios.Scenario, error) {
	run, err := openRun(dir)
	if err != nil {
		return nil, nil, err
	}
	defer run.Close()
	s, err := scenarioOf(ctx, run)
	if err != nil {
		return nil, nil, err
	}
	result, _, err := resultOf(ctx, run)
	return result, s, err
}

// openRun opens the folder of a run. It may be named by a link.
func openRun(dir string) (folder.Folder, error) {
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return folder.Folder{}, fmt.Errorf("%s is %w: there is nothing of that name", dir, ErrNotARun)
	case err != nil:
		return folder.Folder{}, err
	case !info.IsDir():
		return folder.Folder{}, fmt.Errorf("%s is %w, but a file; name the folder that it is in", dir, ErrNotARun)
	}
	if target := folder.Astray(dir); target != "" {
		return folder.Folder{}, fmt.Errorf("%s is %w beside it, but a link to %s; name that folder itself", filepath.Clean(dir), ErrNotARun, target)
	}
	return folder.Open(dir)
}

// scenarioOf reads the scenario that a run left in its folder.
func scenarioOf(ctx context.Context, run folder.Folder) (*scenarios.Scenario, error) {
	text, err := run.Read(ctx, scenarioName, maxScenario)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is %w: it has no scenario.yaml; name the folder of one run, such as chaos-runs/latest", run.Dir, ErrNotARun)
	}
	if err != nil {
		return nil, err
	}
	s, err := parse.Scenario(run.Path(scenarioName), text, Catalog(), nil)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario of the run: %w", err)
	}
	return s, nil
}

// load reads the scenario and the record that a run left in its folder. What is
// wrong with the record is noted among its events.
func load(ctx context.Context, run folder.Folder) (*scenarios.Scenario, []record.Event, error) {
	s, err := scenarioOf(ctx, run)
	if err != nil {
		return nil, nil, err
	}
	const nothing = "the run ended before its cluster was up, and there is nothing to report"
	name := run.Path(recordName)
	file, err := run.OpenFile(ctx, recordName, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no %s: %s", name, nothing)
	}
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	events, damage, err := record.Salvage(file)
	switch {
	case err != nil:
		return nil, nil, err
	case len(events) == 0 && damage == record.Damage{}:
		return nil, nil, fmt.Errorf("%s is empty: %s", name, nothing)
	case len(events) == 0:
		return nil, nil, fmt.Errorf("%s holds no event", name)
	}
	for _, note := range damage.Notes() {
		events = append(events, record.Event{Data: &record.Note{Text: note}})
	}
	return s, events, judgeAgain(ctx, run, s, events)
}

// maxHistories bounds a file of histories, in bytes.
const maxHistories = 1 << 30

// judgeAgain puts what is found of the histories of workloads in the place of what was
// found at the end of the run. Where there are none, that stays.
func judgeAgain(ctx context.Context, run folder.Folder, s *scenarios.Scenario, events []record.Event) error {
	var started *record.RunStarted
	found := map[string][]record.Data{} // by workload
	for i := range events {
		if e, ok := events[i].Data.(*record.RunStarted); ok {
			started = e
		}
		name, judged := verdictOf(events[i].Data)
		at := slices.IndexFunc(s.Workloads, func(w scenarios.Workload) bool { return w.Name == name })
		if !judged || at < 0 || started == nil {
			continue
		}
		all, done := found[name]
		if !done {
			var err error
			all, err = workload.JudgeAgain(ctx, s.Workloads[at], started.ID, started.Seed, func(name string) (io.ReadCloser, error) {
				return run.OpenFile(ctx, name, maxHistories)
			})
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("judging workload %s of %s again: %w", name, run.Dir, err)
			}
			found[name] = all
		}
		for _, d := range all {
			if d.Type() == events[i].Data.Type() {
				events[i].Data = asOfRun(d, events[i].Data)
			}
		}
	}
	return nil
}

// verdictOf is the workload that a verdict is of; false if it is none.
func verdictOf(d record.Data) (workload string, ok bool) {
	switch d := d.(type) {
	case *record.Verified:
		return d.Name, true
	case *record.Heard:
		return d.Name, true
	case *record.Consumed:
		return d.Name, true
	case *record.Locks:
		return d.Name, true
	case *record.Linearizability:
		return d.Name, true
	}
	return "", false
}

// asOfRun is a verdict that was reached again, with what is of the run and not of its
// histories: how long its check took, and which picture of the violation it has left.
func asOfRun(again, recorded record.Data) record.Data {
	now, ok := again.(*record.Linearizability)
	if !ok {
		return again
	}
	before := recorded.(*record.Linearizability)
	now.Checked = before.Checked
	if v := before.Violation; v != nil && now.Violation != nil && v.Key == now.Violation.Key {
		now.Violation.Picture = v.Picture
	}
	return now
}
