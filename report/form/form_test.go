package form_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
)

// forms are those of a text.
func forms(render form.Renderer[string]) form.Forms[string] {
	return form.Forms[string]{
		Files:   []form.Form[string]{form.File("x.json", form.JSON[string]), form.Page("x.md", render)},
		Summary: form.Summary("summary", func(text string, o page.TextOptions) string { return page.Red.Paint(text, o.Colour) }),
	}
}

func TestForms(t *testing.T) {
	f := forms(func(w io.Writer, text string) error {
		_, err := io.WriteString(w, "# "+text)
		return err
	})
	if data, people := f.Files[0], f.Files[1]; data.Readable || !people.Readable || people.Name != "x.md" {
		t.Errorf("%+v", f.Files)
	}
	for want, render := range map[string]form.Renderer[string]{
		"\"<a>\\u001b\"\n":       f.JSON(), // nothing in it drives a terminal
		"# <a>\x1b":              f.Files[1].Render,
		"<a>\x1b":                f.Summary(page.TextOptions{}),
		"\x1b[31m<a>\x1b\x1b[0m": f.Summary(page.TextOptions{Colour: true}),
	} {
		var b strings.Builder
		if err := render(&b, "<a>\x1b"); err != nil || b.String() != want {
			t.Errorf("%q, %v, want %q", b.String(), err, want)
		}
	}
}

type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

// What cannot be written is told by its name.
func TestErrorsAreNamed(t *testing.T) {
	f := forms(form.JSON[string])
	for want, render := range map[string]form.Renderer[string]{
		"rendering x.json: the disk is full":    f.JSON(),
		"rendering x.md: the disk is full":      f.Files[1].Render,
		"writing the summary: the disk is full": f.Summary(page.TextOptions{}),
	} {
		if err := render(full{}, "x"); !errors.Is(err, errFull) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
