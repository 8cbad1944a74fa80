package folder

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/form"
)

// File is one of several that are written together.
type File struct {
	Name   string
	Render func(io.Writer) error
	// Readable: it is for people, and its path is told.
	Readable bool
}

// Rendered are the files that a value is rendered to.
func Rendered[T any](forms []form.Form[T], value T) (files []File) {
	for _, f := range forms {
		files = append(files, File{Name: f.Name, Readable: f.Readable, Render: func(w io.Writer) error { return f.Render(w, value) }})
	}
	return files
}

// WriteTogether writes the first file and those that tell of it, as many as it can, and tells
// whether the first is among them, and the paths of those for people. All are written aside
// before the first gets its name: no report tells of another verdict than the result,
// and if one of them cannot be written, those that the folder had stay. What failed for
// the same reason is one error.
func (f Folder) WriteTogether(files []File) (kept bool, readable []string, err error) {
	var failed failures
	var staged []*Staged
	for _, file := range files {
		s, err := f.Stage(file.Name)
		if err == nil {
			s.Fail(file.Render(s))
			err = s.Finish()
		}
		if err != nil {
			failed.add(file.Name, err)
			continue
		}
		staged = append(staged, s)
	}
	dropped := failed.any() && f.Has(files[0].Name)
	for _, s := range staged {
		// Without the first, there are no others.
		if dropped = dropped || !kept && s.Name != files[0].Name; dropped {
			s.Discard()
			continue
		}
		if err := s.Commit(); err != nil {
			failed.add(s.Name, err)
			continue
		}
		kept = true
		if slices.ContainsFunc(files, func(file File) bool { return file.Name == s.Name && file.Readable }) {
			readable = append(readable, f.Path(s.Name))
		}
	}
	return kept, readable, failed.err(f.Dir)
}

// failures are the files that could not be written, by reason.
type failures struct {
	reasons []error
	names   [][]string
}

func (f *failures) any() bool { return len(f.reasons) > 0 }

func (f *failures) add(name string, err error) {
	err = Reason(err)
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
