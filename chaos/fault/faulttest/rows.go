package faulttest

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Row is what docs/faults.md tells of a fault on a runtime.
type Row struct{ Kind, Runtime, Mechanism, Effect string }

// update has the tests write what they measured into docs/faults.md.
var update = flag.Bool("update-effects", false, "write what is measured of faults into docs/faults.md")

// page is docs/faults.md, as the packages of kinds have it.
const page = "../../../docs/faults.md"

// rowForm is a row of the page.
var rowForm = regexp.MustCompile("^\\| `([a-z_]+(?: [a-z_]+: [a-z]+)*)` \\| ([^|]*) \\| ([^|]*) \\| ([^|]*) \\|$")

// holdRows fails unless the page has a row for each fault on each runtime, or several of different settings; what was measured is
// another time another figure, and is not compared. With -update-effects it is written there.
func holdRows(t *testing.T, all []Effect, measured []Row) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var before, after []string
	var rows []Row
	begun := false
	for line := range strings.Lines(string(text)) {
		cells := rowForm.FindStringSubmatch(strings.TrimSpace(line))
		switch {
		case cells != nil:
			begun = true
			rows = append(rows, Row{cells[1], cells[2], cells[3], cells[4]})
		case begun:
			after = append(after, line)
		default:
			before = append(before, line)
		}
	}
	if !*update {
		var missing []string
		for _, e := range all {
			for _, on := range clusters() {
				if !slices.ContainsFunc(rows, func(r Row) bool { return r.Kind == e.Kind && r.Runtime == on.Name }) {
					missing = append(missing, e.Kind+" ("+on.Name+")")
				}
			}
		}
		if missing != nil {
			t.Errorf("%s has no row for %s: go test -run TestEffects -update-effects", page, strings.Join(missing, ", "))
		}
		return
	}
	measured = slices.DeleteFunc(measured, func(r Row) bool { return r.Effect == "" })
	rows = slices.DeleteFunc(rows, func(r Row) bool {
		return slices.ContainsFunc(measured, func(m Row) bool { return m.Kind == r.Kind && m.Runtime == r.Runtime })
	})
	rows = append(rows, measured...)
	var lines []string
	for _, row := range rows {
		lines = append(lines, fmt.Sprintf("| `%s` | %s | %s | %s |\n", row.Kind, row.Runtime, row.Mechanism, strings.ReplaceAll(row.Effect, "|", "/")))
	}
	slices.Sort(lines)
	lines = slices.Compact(lines) // what is refused is so with any settings
	if err := os.WriteFile(page, []byte(strings.Join(before, "")+strings.Join(lines, "")+strings.Join(after, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}
