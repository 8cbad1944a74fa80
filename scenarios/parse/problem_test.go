package parse

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What is wrong with a scenario can be read, however much it is.
func TestMessagesAreShort(t *testing.T) {
	const begin = "name: x\nduration: 1s\n"
	for name, test := range map[string]struct {
		yaml string
		sets []string
		want []string
	}{
		"a long value":     {"duration: 1s\nname: " + strings.Repeat("é", 50_000), nil, []string{"f.yaml:2:7: ", " … ", "such as master-kill"}},
		"a long --set":     {begin, []string{"name=" + strings.Repeat("X", 2_000)}, []string{"--set name=XXX", " … ", "such as master-kill"}},
		"an empty --set":   {begin, []string{""}, []string{"--set : no \"=\""}},
		"many problems":    {begin + strings.Repeat("name: x\n", 1000), nil, []string{"f.yaml:3:1: duplicate key", "\nand 950 more"}},
		"just a few of it": {begin + strings.Repeat("name: x\n", 50), nil, []string{"f.yaml:52:1: duplicate key"}},
	} {
		_, err := Scenario("f.yaml", []byte(test.yaml), fakeCatalog(), test.sets)
		if err == nil {
			t.Errorf("%s: valid", name)
			continue
		}
		text := err.Error()
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in: %s", name, want, text)
			}
		}
		if len(text) > 5000 || !utf8.ValidString(text) {
			t.Errorf("%s: %d bytes: %q", name, len(text), text)
		}
	}
}
