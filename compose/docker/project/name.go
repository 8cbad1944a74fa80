package project

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// nameVariable is the variable that gives a project its name, of the environment or of .env beside the file.
const nameVariable = "COMPOSE_PROJECT_NAME"

// unfit is what a name that is made of a folder's does without.
var unfit = regexp.MustCompile(`[^a-z0-9_-]`)

// Name is the name that Compose gives the project of a file.
func Name(file string) (string, error) {
	if name := os.Getenv(nameVariable); name != "" {
		return name, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("reading the compose file: %w", err)
	}
	file, err = filepath.Abs(file)
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(file)
	if env, err := os.ReadFile(filepath.Join(dir, ".env")); err == nil {
		for line := range strings.Lines(string(env)) {
			if name, is := strings.CutPrefix(strings.TrimSpace(line), nameVariable+"="); is && name != "" {
				return strings.Trim(name, `"'`), nil
			}
		}
	}
	var top struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(text, &top); err != nil {
		return "", fmt.Errorf("reading the compose file %s: %w", file, err)
	}
	if top.Name != "" && !strings.Contains(top.Name, "$") {
		return top.Name, nil
	}
	name := strings.TrimLeft(unfit.ReplaceAllString(strings.ToLower(filepath.Base(dir)), ""), "_-")
	if name == "" {
		return "", fmt.Errorf("the folder of %s gives its Compose project no name; write project: NAME", file)
	}
	return name, nil
}
