package experiment

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A file that cannot be written to its end is not there, and what was there stays.
func TestAFileIsWrittenWholeOrNot(t *testing.T) {
	a := &artifacts{dir: t.TempDir()}
	full := errors.New("no space left")
	half := func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, full)
	}
	expect := func(want string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(a.dir, "result.json"))
		if want == "" && errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if err != nil || string(text) != want {
			t.Errorf("%q, %v; want %q", text, err, want)
		}
	}
	if err := a.replace("result.json", half); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	expect("")
	if err := a.write("result.json", []byte("whole")); err != nil {
		t.Error(err)
	}
	expect("whole")
	if err := a.replace("result.json", half); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	expect("whole")
	if entries, err := os.ReadDir(a.dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	// The error names the file that was to be written.
	a.dir = filepath.Join(a.dir, "gone")
	want := "writing " + filepath.Join(a.dir, "result.json") + ": no such file or directory"
	if err := a.write("result.json", nil); err == nil || err.Error() != want {
		t.Errorf("%v, want %q", err, want)
	}
}
