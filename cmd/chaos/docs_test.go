package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The scenarios that the docs and the workflows speak of are valid.
func TestScenariosOfTheDocs(t *testing.T) {
	files := []string{"../../docs/presets.yaml"}
	for _, folder := range []string{"../../docs/found", "../../.github/chaos"} {
		in, err := filepath.Glob(folder + "/*.yaml")
		if err != nil || len(in) == 0 {
			t.Fatalf("%d files in %s, %v", len(in), folder, err)
		}
		files = append(files, in...)
	}
	if code, stdout, stderr := chaosCommand(t, append([]string{"validate"}, files...)...); code != exitOK {
		t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
	}
}

// The example of the docs of the timeline is valid, and the steps that they show are those of the library.
func TestTimelineOfTheDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/timeline.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(docs), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if code, stdout, stderr := chaosCommand(t, "validate", write(t, "example.yaml", "name: example\nworkloads: [{name: orders, rate: 100}]\n"+example)); code != exitOK || stderr != "" {
		t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
	}
	const command = "$ chaos validate new-master-kill\n"
	_, shown, _ := strings.Cut(string(docs), command)
	shown, _, _ = strings.Cut(shown, "```")
	if _, stdout, _ := chaosCommand(t, "validate", "new-master-kill"); stdout != shown {
		t.Errorf("the docs show\n%s\nand it is\n%s", shown, stdout)
	}
}
