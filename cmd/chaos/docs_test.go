package main

import (
	"path/filepath"
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
