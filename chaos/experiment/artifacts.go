package experiment

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// artifacts is the folder that a run leaves behind.
type artifacts struct{ dir string }

// createArtifacts makes the run's folder in out, and points out/latest at it.
func createArtifacts(out, runID string) (*artifacts, error) {
	dir := filepath.Join(out, runID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the run's artifacts: %w", err)
	}
	latest := filepath.Join(out, "latest")
	if info, err := os.Lstat(latest); err == nil && info.Mode()&os.ModeSymlink == 0 {
		return &artifacts{dir}, nil // something of the user's own by that name
	}
	// A rename replaces the old link in one step.
	fresh := filepath.Join(out, ".latest-"+runID)
	err := os.Symlink(runID, fresh)
	if err == nil {
		err = os.Rename(fresh, latest)
	}
	if err != nil {
		return nil, fmt.Errorf("pointing %s at the run: %w", latest, err)
	}
	return &artifacts{dir}, nil
}

func (a *artifacts) create(name string) (*os.File, error) {
	f, err := os.Create(filepath.Join(a.dir, name))
	if err != nil {
		return nil, fmt.Errorf("creating %s: %w", name, err)
	}
	return f, nil
}

// Create implements workload.Artifacts.
func (a *artifacts) Create(name string) (io.WriteCloser, error) { return a.create(name) }

func (a *artifacts) write(name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(a.dir, name), content, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// takePictures copies the pictures that a result names from the folder of its run.
// One that is not there is not missed: the record alone makes the reports.
func (a *artifacts) takePictures(run string, r *report.Result) error {
	if same, err := sameFolder(run, a.dir); err != nil || same {
		return err
	}
	var errs error
	for _, w := range r.Workloads {
		l := w.Linearizability
		if l == nil || l.Violation == nil || !filepath.IsLocal(l.Violation.Picture) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(run, l.Violation.Picture))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = a.write(l.Violation.Picture, content)
		}
		errs = errors.Join(errs, err)
	}
	return errs
}

// sameFolder tells whether two names are those of one folder.
func sameFolder(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second), err
}

// renderer writes a result in one form.
type renderer func(io.Writer, *report.Result) error

func (a *artifacts) render(name string, render renderer, r *report.Result) error {
	f, err := a.create(name)
	if err != nil {
		return err
	}
	return errors.Join(render(f, r), f.Close())
}

func (a *artifacts) writeResult(r *report.Result) error {
	return a.render("result.json", report.WriteJSON, r)
}

func (a *artifacts) writeReports(r *report.Result, events []record.Event) error {
	return errors.Join(
		a.writeResult(r),
		a.render("report.md", report.WriteMarkdown, r),
		a.render("report.html", func(w io.Writer, r *report.Result) error { return report.WriteHTML(w, r, events) }, r),
		a.render("junit.xml", report.WriteJUnit, r),
		a.render("latency.hlog", func(w io.Writer, _ *report.Result) error { return report.WriteLatencyLog(w, events) }, r),
	)
}
