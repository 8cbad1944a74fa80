// Package doctable makes tables of the documentation from the comments on settings, for tests that
// hold the two together.
package doctable

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Hold fails unless a page has a table between the lines that begin and end one of a name, and
// that is as it should be; with update it writes it there. how is the command that does.
func Hold(t *testing.T, path, name, how, table string, update bool) {
	t.Helper()
	begin, end := "<!-- "+name+", by "+how+" -->\n", "<!-- end of "+name+" -->\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has no %q … %q", path, begin, end)
	}
	want := before + begin + table + end + after
	switch {
	case want == string(page):
	case update:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table of %s in %s is not up to date: %s", name, path, how)
	}
}

// Comments is the comments on the structs of the packages in folders, by their names, and on
// their fields, by "Struct.Field", each in one line.
func Comments(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	var names []string
	for _, folder := range folders {
		of, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, of...)
	}
	comments := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if decl, ok := d.(*ast.GenDecl); ok && decl.Tok == token.TYPE {
				add(comments, decl)
			}
		}
	}
	return comments
}

func add(comments map[string]string, decl *ast.GenDecl) {
	spec := decl.Specs[0].(*ast.TypeSpec)
	comments[spec.Name.Name] = oneLine(decl.Doc)
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			comments[spec.Name.Name+"."+name.Name] = oneLine(f.Doc)
		}
	}
}

func oneLine(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}
