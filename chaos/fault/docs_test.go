package fault

import (
	"flag"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/doctable"
)

var update = flag.Bool("update", false, "write the table of faults into README.md")

// The table of faults in README.md is made of the comments on their settings.
func TestREADMEListsTheFaults(t *testing.T) {
	doctable.Hold(t, "../../README.md", "faults", "go test ./chaos/fault -update", table(t), *update)
}

// table is a row for each kind of fault.
func table(t *testing.T) string {
	comments := doctable.Comments(t, "../aim", "command", "network", "process", "resource", "storage")
	var rows []string
	for name, construct := range Kinds() {
		spec := construct()
		settings := reflect.ValueOf(spec).Elem()
		title := settings.Type().Name()
		about, healing, heals := strings.Cut(comments[title], " Healing ")
		if about == "" {
			t.Fatalf("the settings of the fault %s have no comment", name)
		}
		switch spec.(type) {
		case scenarios.Momentary:
			healing = "none: it is over once it is done, and `for` is refused"
		case scenarios.Timed:
			healing = "none: it is over after `for`, which it needs"
		default:
			if !heals {
				t.Fatalf("the comment on %s does not say what Healing does", title)
			}
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", name,
			text(strings.TrimPrefix(about, title+" ")), text(healing), options(settings, comments)))
	}
	slices.Sort(rows)
	return "| fault | what it does | healing | options |\n| --- | --- | --- | --- |\n" + strings.Join(rows, "")
}

// options tells of each setting of a kind, with its default.
func options(settings reflect.Value, comments map[string]string) string {
	var all []string
	for i := range settings.NumField() {
		f := settings.Type().Field(i)
		if f.Anonymous && f.Type != reflect.TypeFor[aim.Selector]() {
			if inner := options(settings.Field(i), comments); inner != "" {
				all = append(all, inner)
			}
		}
		if f.Anonymous || !f.IsExported() {
			continue
		}
		option := fmt.Sprintf("`%s`", f.Tag.Get("yaml"))
		if value := settings.Field(i); !slices.Contains([]reflect.Kind{reflect.Map, reflect.Slice, reflect.Pointer}, value.Kind()) && !value.Equal(reflect.ValueOf("")) {
			option += fmt.Sprintf(" (%v)", value.Interface())
		}
		if about := comments[settings.Type().Name()+"."+f.Name]; about != "" {
			option += ": " + text(strings.TrimPrefix(strings.TrimPrefix(about, f.Name+" is "), f.Name+" are "))
		}
		all = append(all, option)
	}
	return strings.Join(all, "; ")
}

// text is a comment as the text of a cell.
func text(comment string) string {
	comment = regexp.MustCompile(`"([a-z_]+)"`).ReplaceAllString(comment, "`$1`")
	return strings.TrimSuffix(comment, ".")
}
