package experiment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// artifacts is the folder that a run leaves behind.
type artifacts struct{ folder.Folder }

// createPart makes the run's folder in out.
func createPart(out, runID string, _ func(string)) (*artifacts, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the runs' artifacts: %w", err)
	}
	dir := filepath.Join(out, runID)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for the run's artifacts: %w", err)
	}
	files, err := folder.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder for the run's artifacts: %w", err)
	}
	return &artifacts{files}, nil
}

// createArtifacts makes the run's folder in out, and points out/latest at it.
func createArtifacts(out, runID string, warn func(string)) (*artifacts, error) {
	files, err := createPart(out, runID, warn)
	if err != nil {
		return nil, err
	}
	if err := pointLatest(out, runID, warn); err != nil {
		files.Close()
		return nil, err
	}
	return files, nil
}

// pointLatest points out/latest at a run or a set of them. It warns of a latest that is not
// the program's own, and stays.
func pointLatest(out, id string, warn func(string)) error {
	latest := filepath.Join(out, latestName)
	if info, err := os.Lstat(latest); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		what := "a file"
		if info.IsDir() {
			what = "a folder"
		}
		warn(fmt.Sprintf("%s is %s and no link of this program: it is left alone, and does not point at this run, which is %s", latest, what, filepath.Join(out, id)))
		return nil
	}
	// A rename replaces the old link in one step.
	fresh := filepath.Join(out, ".latest-"+id)
	err := os.Symlink(id, fresh)
	if err == nil {
		if err = os.Rename(fresh, latest); err != nil {
			_ = os.Remove(fresh) // the first error is the one to tell
		}
	}
	if err != nil {
		return fmt.Errorf("pointing %s at the run: %w", latest, err)
	}
	return nil
}

// latestName is the link to the newest run, beside the folders of runs.
const latestName = "latest"

// checkLatest says what is wrong with a link of that name that does not point at a run
// beside it. Links by other names are the user's own matter.
func checkLatest(dir string) error {
	dir = filepath.Clean(dir)
	if filepath.Base(dir) != latestName {
		return nil
	}
	target, err := os.Readlink(dir)
	if err != nil || filepath.IsLocal(target) && filepath.Base(target) == filepath.Clean(target) {
		return nil // no link, or one as this program makes it
	}
	return fmt.Errorf("%s is %w beside it, but a link to %s; name that folder itself", dir, ErrNotARun, target)
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

const resultName = "result.json"

// outcome writes the result and the reports, and adds to err why some could not be
// written. The result has the verdict that is on disk; if that could not be brought
// there, it is an error.
func (a *artifacts) outcome(result *report.Result, events []record.Event, err error) (*Outcome, error) {
	o := &Outcome{Result: result, Dir: a.Dir}
	var kept bool
	var unwritten error
	if unwritten = a.Lost(); unwritten == nil {
		kept, o.Reports, unwritten = a.writeReports(result, events)
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
// the result is among them, and the paths of those for people. All are written aside
// before the first gets its name: no report tells of another verdict than the result,
// and if one of them cannot be written, those that the folder had stay. What failed for
// the same reason is one error.
func (a *artifacts) writeReports(r *report.Result, events []record.Event) (kept bool, readable []string, err error) {
	var failed failures
	var staged []*folder.Staged
	for _, file := range []struct {
		name   string
		render func(io.Writer) error
	}{
		{resultName, func(w io.Writer) error { return report.WriteJSON(w, r) }},
		{"report.md", func(w io.Writer) error { return report.WriteMarkdown(w, r) }},
		{"report.html", func(w io.Writer) error { return report.WriteHTML(w, r, events) }},
		{"junit.xml", func(w io.Writer) error { return report.WriteJUnit(w, r) }},
		{"latency.hlog", func(w io.Writer) error { return report.WriteLatencyLog(w, events) }},
	} {
		s, err := a.Stage(file.name)
		if err == nil {
			s.Fail(file.render(s))
			err = s.Finish()
		}
		if err != nil {
			failed.add(file.name, err)
			continue
		}
		staged = append(staged, s)
	}
	dropped := failed.any() && a.Has(resultName)
	for _, s := range staged {
		// The result is the first: without it, there are no reports.
		if dropped = dropped || !kept && s.Name != resultName; dropped {
			s.Discard()
			continue
		}
		if err := s.Commit(); err != nil {
			failed.add(s.Name, err)
			continue
		}
		kept = true
		if strings.HasPrefix(s.Name, "report.") {
			readable = append(readable, a.Path(s.Name))
		}
	}
	return kept, readable, failed.err(a.Dir)
}

// failures are the files that could not be written, by reason.
type failures struct {
	reasons []error
	names   [][]string
}

func (f *failures) any() bool { return len(f.reasons) > 0 }

func (f *failures) add(name string, err error) {
	err = folder.Reason(err)
	for i, known := range f.reasons {
		if known.Error() == err.Error() {
			f.names[i] = append(f.names[i], name)
			return
		}
	}
	f.reasons, f.names = append(f.reasons, err), append(f.names, []string{name})
}

func (f *failures) err(dir string) error {
	var errs []error
	for i, reason := range f.reasons {
		errs = append(errs, fmt.Errorf("writing %s to %s: %w", strings.Join(f.names[i], ", "), dir, reason))
	}
	return errors.Join(errs...)
}
