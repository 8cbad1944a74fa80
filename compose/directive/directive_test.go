package directive

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestListOfHarmlessDirectives(t *testing.T) {
	list := harmlessDirectives()
	if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Error("the list is not sorted, or has one twice")
	}
	for _, name := range list {
		if why := whyRefused(name); why != "" {
			t.Errorf("%s is harmless and refused: %s", name, why)
		}
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"":                     nil,
		" a\tb  c ":            {"a", "b", "c"},
		`""`:                   {""},
		`"a b" 'c d'`:          {"a b", "c d"},
		`x"a b"`:               {"xa b"},
		`"\x41\x4g\n\q\""`:     {"Ax4g\nq\""},
		`'a\'b\n'`:             {`a'b\n`},
		`a\b`:                  {`a\b`},
		"default on >p\"a b\"": {"default", "on", ">pa b"},
	} {
		if got, ok := Split(line); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, %t; want %q", line, got, ok, want)
		}
	}
	for _, line := range []string{`"`, `'`, `a "b`, `"a"b`, `'a'"b"`, `"a\"`, `'a\'`} {
		if got, ok := Split(line); ok {
			t.Errorf("%q: %q, want no balance", line, got)
		}
	}
}

// The docs list the rights that the tool needs.
func TestRightsInDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Join(Rules(ToolCommands())[1:], " "); !strings.Contains(string(docs), "\n    "+want+"\n") {
		t.Errorf("docs/security.md does not say %s", want)
	}
}
