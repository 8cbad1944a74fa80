package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// step is one of a workflow or an action.
type step struct {
	Name string         `yaml:"name"`
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	With map[string]any `yaml:"with"`
}

type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Steps []step `yaml:"steps"`
	} `yaml:"jobs"`
}

type action struct {
	Inputs map[string]struct {
		Required bool `yaml:"required"`
	} `yaml:"inputs"`
	Runs struct {
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

const chaosAction = ".github/actions/chaos"

func readYAML(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// No text from elsewhere gets into a script: GitHub would put it there as it is.
func TestWorkflowsInterpolateNothing(t *testing.T) {
	var chaos action
	readYAML(t, readFile(t, filepath.Join("../..", chaosAction, "action.yml")), &chaos)
	steps := chaos.Runs.Steps
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d workflows, %v", len(files), err)
	}
	for _, file := range files {
		var w workflow
		readYAML(t, readFile(t, file), &w)
		for _, job := range w.Jobs {
			steps = append(steps, job.Steps...)
		}
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s: permissions are %v", file, w.Permissions)
		}
	}
	scripts := 0
	for _, s := range steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %q: a value goes into the script; pass it by env", s.Name)
		}
		if s.Run != "" {
			scripts++
		}
	}
	if scripts == 0 {
		t.Error("no script was found")
	}
}

// The workflows that the docs show, and those of this repository, call the action as it is.
func TestWorkflowsCallTheAction(t *testing.T) {
	var chaos action
	readYAML(t, readFile(t, filepath.Join("../..", chaosAction, "action.yml")), &chaos)
	for file, calls := range map[string]int{"../../README.md": 1, "../../docs/ci.md": 2, "../../.github/workflows/nightly.yml": 2, "../../.github/workflows/pull-request.yml": 1} {
		texts := []string{string(readFile(t, file))}
		if filepath.Ext(file) == ".md" {
			texts = workflowsIn(texts[0])
		}
		for _, text := range texts {
			var w workflow
			readYAML(t, []byte(text), &w)
			for _, job := range w.Jobs {
				for _, s := range job.Steps {
					if path, _, _ := strings.Cut(s.Uses, "@"); path != "redis-chaos/redis-chaos/"+chaosAction && path != "./"+chaosAction {
						continue
					}
					calls--
					for name := range s.With {
						if _, ok := chaos.Inputs[name]; !ok {
							t.Errorf("%s: the action has no input %q", file, name)
						}
					}
					for name, input := range chaos.Inputs {
						if _, ok := s.With[name]; input.Required && !ok {
							t.Errorf("%s: the action needs %q", file, name)
						}
					}
				}
			}
		}
		if calls != 0 {
			t.Errorf("%s: %d more calls of the action were expected", file, calls)
		}
	}
	var documented []string
	for line := range strings.Lines(string(readFile(t, "../../docs/ci.md"))) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			documented = append(documented, name)
		}
	}
	for name := range chaos.Inputs {
		if !slices.Contains(documented, name) {
			t.Errorf("docs/ci.md does not list the input %q", name)
		}
	}
}

// workflowsIn are the blocks of YAML with jobs in a Markdown file.
func workflowsIn(text string) (found []string) {
	for _, block := range strings.Split(text, "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		if strings.Contains(block, "jobs:\n") {
			found = append(found, block)
		}
	}
	return found
}
