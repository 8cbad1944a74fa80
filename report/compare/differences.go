package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/scenarios/paths"
)

// DifferentError is about sets of scenarios that differ in more than their subject.
type DifferentError struct {
	A, B        string // what the sets are called
	Differences []Difference
}

// Error implements error.
func (e *DifferentError) Error() string {
	const most = 8
	var parts []string
	for i, d := range e.Differences {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(e.Differences)-most))
			break
		}
		parts = append(parts, fmt.Sprintf("%s: %s → %s", d.Path, shown(d.A), shown(d.B)))
	}
	return fmt.Sprintf("%s and %s are of different scenarios, so that their figures do not compare: %s; compare sets of one scenario, or give --force",
		e.A, e.B, strings.Join(parts, "; "))
}

// shown is a value of a setting for a person.
func shown(value string) string {
	const most = 120 // characters
	if value == "" {
		return "(none)"
	}
	if r := []rune(value); len(r) > most {
		return string(r[:most]) + "…"
	}
	return value
}

// differences lists what the sets do not have in common: the settings of the scenario, then the
// server, its configuration, and where they were run.
func differences(a, b *set.Set, o Options) ([]Difference, error) {
	all := []Difference{}
	add := func(path, of, other string, scenario bool) {
		if of != other {
			all = append(all, Difference{Path: path, A: of, B: other, Scenario: scenario})
		}
	}
	changes, err := paths.Changes([]byte(a.Source), []byte(b.Source))
	if err != nil {
		return nil, fmt.Errorf("reading the scenarios of %s and %s: %w", o.A, o.B, err)
	}
	said := map[string]bool{} // directives
	for _, c := range changes {
		if !tells(c.Path) {
			continue
		}
		add(c.Path, c.A, c.B, decides(c.Path))
		if directive, ok := strings.CutPrefix(c.Path, configPath); ok {
			said[directive] = true
		}
	}
	for _, f := range []struct{ path, a, b string }{
		{"server.name", a.Server.Name, b.Server.Name},
		{"server.version", a.Server.Version, b.Server.Version},
		{"server.image", a.Server.Image, b.Server.Image},
		{"server.binary", a.Server.Binary, b.Server.Binary},
		{"server.built_from", a.Server.Built, b.Server.Built},
	} {
		add(f.path, f.a, f.b, false)
	}
	directives := maps.Clone(a.Config)
	if directives == nil {
		directives = map[string]string{}
	}
	maps.Copy(directives, b.Config)
	for _, name := range slices.Sorted(maps.Keys(directives)) {
		if !said[name] {
			add("config."+name, a.Config[name], b.Config[name], false)
		}
	}
	add("runtime", a.Runtime, b.Runtime, false)
	add("engine", a.Engine, b.Engine, false)
	add("tool", a.Tool, b.Tool, false)
	return all, nil
}

const configPath = "cluster.config."

// tells tells whether a setting of a scenario has a part in its figures.
func tells(path string) bool {
	switch top, _, _ := strings.Cut(path, "."); top {
	case "description", "seed", "expect", "expect_set":
		return false
	default:
		return true
	}
}

// decides tells whether scenarios that differ in a setting ask different questions: what is done
// to which cluster, and when. What is left is what one compares: the image, its configuration,
// the options of the clients.
func decides(path string) bool {
	top, below, _ := strings.Cut(path, ".")
	top, _, _ = strings.Cut(top, "[")
	switch top {
	case "name", "duration", "faults":
		return true
	case "workloads":
		setting := below[strings.IndexByte(below, '.')+1:] // after the workload's name, which has no dot
		return setting != "client" && !strings.HasPrefix(setting, "client.")
	case "cluster":
		return below == "masters" || below == "replicas"
	default:
		return false
	}
}

// different is the differences that make scenarios different.
func different(all []Difference) (some []Difference) {
	for _, d := range all {
		if d.Scenario {
			some = append(some, d)
		}
	}
	return some
}
