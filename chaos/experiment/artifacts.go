package experiment

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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
	err := a.replace(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Join(a.dir, name), err)
	}
	return nil
}

// replace writes a file aside and then renames it, so that nobody finds half of it, and
// what was there before stays if it fails. The error does not name the file.
func (a *artifacts) replace(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(a.dir, "."+name+"-*")
	if err != nil {
		return reason(err)
	}
	if err = errors.Join(write(f), f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(a.dir, name))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to tell
		return reason(err)
	}
	return nil
}

// reason is an error of the file system without the names in it, which are those of the
// file that was written aside.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
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

// writeReports writes the result and the reports, as many as it can, and is the paths of
// those for people that it wrote. What failed for the same reason is one error.
func (a *artifacts) writeReports(r *report.Result, events []record.Event) (readable []string, err error) {
	failed := map[string][]string{} // names by reason
	var reasons []error
	for _, file := range []struct {
		name     string
		readable bool
		render   func(io.Writer) error
	}{
		{"result.json", false, func(w io.Writer) error { return report.WriteJSON(w, r) }},
		{"report.md", true, func(w io.Writer) error { return report.WriteMarkdown(w, r) }},
		{"report.html", true, func(w io.Writer) error { return report.WriteHTML(w, r, events) }},
		{"junit.xml", false, func(w io.Writer) error { return report.WriteJUnit(w, r) }},
		{"latency.hlog", false, func(w io.Writer) error { return report.WriteLatencyLog(w, events) }},
	} {
		switch err := a.replace(file.name, file.render); {
		case err != nil:
			if len(failed[err.Error()]) == 0 {
				reasons = append(reasons, err)
			}
			failed[err.Error()] = append(failed[err.Error()], file.name)
		case file.readable:
			readable = append(readable, filepath.Join(a.dir, file.name))
		}
	}
	for i, err := range reasons {
		reasons[i] = fmt.Errorf("writing %s to %s: %w", strings.Join(failed[err.Error()], ", "), a.dir, err)
	}
	return readable, errors.Join(reasons...)
}
