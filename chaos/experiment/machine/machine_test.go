package machine

import (
	"context"
	"errors"
	"flag"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/scenarios/doctable"
)

var update = flag.Bool("update", false, "write the table of docs/doctor.md")

func TestChecksAreDocumented(t *testing.T) {
	table := "| check | looks at |\n| --- | --- |\n"
	for _, c := range Checks() {
		table += "| `" + c.Name + "` | " + c.About + " |\n"
	}
	doctable.Hold(t, "../../../docs/doctor.md", "checks of this machine", "go test ./chaos/experiment/machine -run Documented -update", table, *update)
}

// made is a runtime that is there or not, and whose clusters lack something.
type made struct {
	compose.Runtime
	compose.Deployer
	name  string
	err   error
	lacks map[compose.Ability]string
}

func (m made) Name() string                                              { return m.name }
func (m made) Prepare(context.Context, string) (compose.Deployer, error) { return m, m.err }
func (m made) Where() string                                             { return "somewhere" }
func (m made) Lacks(a compose.Ability) string                            { return m.lacks[a] }
func (m made) Close() error                                              { return nil }

func TestRuntimes(t *testing.T) {
	absent := made{name: "absent", err: errors.New("no engine answers: install one")}
	full := made{name: "full"}
	poor := made{name: "poor", lacks: map[compose.Ability]string{compose.Naming: "it has no names; run with full"}}
	for name, c := range map[string]struct {
		runtimes []compose.Runtime
		want     []doctor.Severity
	}{
		"none":                  {[]compose.Runtime{absent}, []doctor.Severity{doctor.Note, doctor.Fail}},
		"one without another":   {[]compose.Runtime{absent, full}, []doctor.Severity{doctor.Note, doctor.OK}},
		"what another one can":  {[]compose.Runtime{full, poor}, []doctor.Severity{doctor.OK, doctor.OK, doctor.Note}},
		"what no other one can": {[]compose.Runtime{absent, poor}, []doctor.Severity{doctor.Note, doctor.OK, doctor.Warn}},
	} {
		var got []doctor.Severity
		for _, f := range lookAtRuntimes(t.Context(), c.runtimes) {
			got = append(got, f.Severity)
			if f.Severity != doctor.OK && (f.Evidence == "" || f.Remedy == "") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// All that is documented is looked at, on this machine, and nothing else.
func TestThisMachine(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Look(t.Context(), nil, t.TempDir()) {
		seen[f.Check] = true
		if f.Evidence == "" || f.IsWrong() && f.Remedy == "" {
			t.Errorf("%+v", f)
		}
	}
	for _, c := range Checks() {
		if !seen[c.Name] {
			t.Errorf("nothing is told of %s", c.Name)
		}
		delete(seen, c.Name)
	}
	if len(seen) > 0 {
		t.Errorf("not documented: %v", seen)
	}
}
