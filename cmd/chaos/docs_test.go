package main

import (
	"path/filepath"
	"testing"
)

// The scenarios that the docs speak of are valid.
func TestScenariosOfTheDocs(t *testing.T) {
	files, err := filepath.Glob("../../docs/found/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	files = append(files, "../../docs/presets.yaml")
	if code, stdout, stderr := chaosCommand(t, append([]string{"validate"}, files...)...); code != exitOK {
		t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
	}
}
