package fault

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios"
)

var update = flag.Bool("update", false, "write the table of faults into README.md")

// The table of faults in README.md is made of the comments on their settings.
func TestREADMEListsTheFaults(t *testing.T) {
	const path, begin, end = "../../README.md", "<!-- faults, by go test ./chaos/fault -update -->\n", "<!-- end of faults -->\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("README.md has no %q … %q", begin, end)
	}
	want := before + begin + table(t) + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(page) {
		t.Error("the table of faults in README.md is not up to date: go test ./chaos/fault -run README -update")
	}
}

// table is a row for each kind of fault.
func table(t *testing.T) string {
	comments := commentsOf(t)
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
		if f.Anonymous || !f.IsExported() {
			continue
		}
		option := fmt.Sprintf("`%s` (%v)", f.Tag.Get("yaml"), settings.Field(i).Interface())
		if about := comments[settings.Type().Name()+"."+f.Name]; about != "" {
			option += ": " + text(strings.TrimPrefix(about, f.Name+" is "))
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

// commentsOf is the comments on the package's structs, by their names, and on their fields, by
// "Struct.Field".
func commentsOf(t *testing.T) map[string]string {
	names, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	for _, entry := range names {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.TYPE {
				return true
			}
			spec := decl.Specs[0].(*ast.TypeSpec)
			comments[spec.Name.Name] = oneLine(decl.Doc)
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						comments[spec.Name.Name+"."+name.Name] = oneLine(f.Doc)
					}
				}
			}
			return true
		})
	}
	return comments
}

func oneLine(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}
