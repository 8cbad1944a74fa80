package experiment

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"regexp"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render"
)

// artifacts is the folder that a run leaves behind.
type artifacts struct{ folder.Folder }

// createArtifacts makes a run's folder.
func createArtifacts(opts Options, id string) (*artifacts, error) {
	if opts.Part {
		files, err := folder.Make(opts.Out, id)
		return &artifacts{files}, err
	}
	files, err := folder.MakeNewest(opts.Out, id, opts.Warn)
	return &artifacts{files}, err
}

// pictureName is what this program calls the picture of a history. Whoever made a record
// chose the name that is in it.
var pictureName = regexp.MustCompile(`^linearizable-[a-z0-9][a-z0-9-]*\.html$`)

// maxPicture bounds what is copied, in bytes.
const maxPicture = 64 << 20

// takePictures copies the pictures that a result names from the folder of its run.
// One that is not there is not missed: the record alone makes the reports.
func (a *artifacts) takePictures(ctx context.Context, run folder.Folder, r *report.Result) error {
	if same, err := folder.Same(run, a.Folder); err != nil || same {
		return err
	}
	var errs error
	for _, w := range r.Workloads {
		l := w.Linearizability
		if l == nil || l.Violation == nil || !pictureName.MatchString(l.Violation.Picture) {
			continue
		}
		content, err := run.Read(ctx, l.Violation.Picture, maxPicture)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = a.Write(l.Violation.Picture, content)
		}
		errs = errors.Join(errs, err)
	}
	return errs
}

// outcome writes the result and the reports, and the files beside them, and adds to err why some could not be
// written. The result has the verdict that is on disk; if that could not be brought
// there, it is an error.
func (a *artifacts) outcome(result *report.Result, err error, beside ...folder.File) (*Outcome, error) {
	o := &Outcome{Result: result, Dir: a.Dir}
	var kept bool
	var unwritten error
	if unwritten = a.Lost(); unwritten == nil {
		kept, o.Reports, unwritten = a.writeReports(result, beside)
	}
	if !kept {
		unkept(result, unwritten)
	}
	return o, errors.Join(err, unwritten)
}

// unkept makes an error of a result that does not stand on disk as it should.
func unkept(result *report.Result, err error) {
	result.Verdict = report.Error
	if result.Error == "" {
		result.Error = err.Error()
	}
}

// writeReports writes the result and the reports, as many as it can, and tells whether
// the result is among them, and the paths of those for people.
func (a *artifacts) writeReports(r *report.Result, beside []folder.File) (kept bool, readable []string, err error) {
	return a.WriteTogether(append(folder.Rendered(render.Forms().Files, r), beside...))
}

// latencyLog is the latencies that a record holds, for tools that read such files.
func latencyLog(events []record.Event) folder.File {
	return folder.File{Name: "latency.hlog", Render: func(w io.Writer) error { return record.WriteLatencyLog(w, events) }}
}

// The files that a report is made of, and how long they can be, in bytes.
const (
	scenarioName = "scenario.yaml"
	recordName   = "events.ndjson"
	resultName   = "result.json"
	maxScenario  = 1 << 20
	maxRecord    = 1 << 30
	maxResult    = 64 << 20
)
