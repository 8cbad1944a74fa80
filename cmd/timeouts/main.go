// Timeouts puts sweeps of several servers, which chaos tune left, on one page with a picture:
//
//	go run ./cmd/timeouts -out docs/timeouts.md chaos-runs/timeouts/*/*-tune-*
//
// Sweeps of a server after its first one show whether they come to the same.
package main

import (
	"cmp"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/tune"
)

//go:embed timeouts.md.tmpl
var source string

func main() {
	out := flag.String("out", "", "the page to write; the picture stands beside it, as .svg")
	flag.Parse()
	if err := write(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "timeouts:", err)
		os.Exit(1)
	}
}

// write makes the page of the sweeps in some folders, and its picture.
func write(out string, dirs []string) error {
	if out == "" || len(dirs) == 0 {
		return errors.New("usage: timeouts -out FILE.md DIR…; each DIR is the folder of a sweep")
	}
	sweeps, err := read(dirs)
	if err != nil {
		return err
	}
	overview, err := tune.NewOverview(sweeps)
	if err != nil {
		return err
	}
	var drawing, text strings.Builder
	if err := overview.WriteSVG(&drawing); err != nil {
		return err
	}
	picture := strings.TrimSuffix(out, filepath.Ext(out)) + ".svg"
	if err := writePage(&text, overview, sweeps, filepath.Base(picture)); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(picture, []byte(drawing.String()), 0o644), os.WriteFile(out, []byte(text.String()), 0o644))
}

// read reads sweeps, the oldest first.
func read(dirs []string) (sweeps []*tune.Tune, err error) {
	for _, dir := range dirs {
		file, err := os.Open(filepath.Join(dir, "tune.json"))
		if err != nil {
			return nil, fmt.Errorf("a folder of no sweep: %w", err)
		}
		t, err := tune.Read(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		if t.Error != "" {
			return nil, fmt.Errorf("%s: the sweep did not come to its end: %s", dir, t.Error)
		}
		sweeps = append(sweeps, t)
	}
	slices.SortStableFunc(sweeps, func(a, b *tune.Tune) int {
		return cmp.Or(cmp.Compare(a.Server.Name, b.Server.Name), cmp.Compare(a.Server.Version, b.Server.Version), a.Started.Compare(b.Started))
	})
	return sweeps, nil
}

func writePage(text *strings.Builder, overview *tune.Overview, sweeps []*tune.Tune, picture string) error {
	t, err := template.New("timeouts").Parse(source)
	if err != nil {
		return err
	}
	var sections strings.Builder
	if err := page.WriteMarkdownSections(&sections, overview.Sections()); err != nil {
		return err
	}
	var answers []string
	for _, answer := range overview.Answers() {
		answers = append(answers, page.Inline(answer))
	}
	last := slices.MaxFunc(sweeps, func(a, b *tune.Tune) int { return a.Started.Compare(b.Started) })
	return t.Execute(text, map[string]any{
		"Answers": answers, "Picture": picture, "Sections": sections.String(),
		"Date": last.Started.Format(time.DateOnly),
	})
}
