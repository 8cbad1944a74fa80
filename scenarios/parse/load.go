package parse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// Load reads a scenario from a file or, where there is no such file, from the
// library, by its name with or without .yaml: scenarios/master-kill.yaml works
// in the source tree and out of it. The programs that its faults name have to be there. The source is returned as well, even where
// the scenario is invalid.
func Load(ctx context.Context, nameOrFile string, catalog scenarios.Catalog, sets []string) (s *scenarios.Scenario, source []byte, err error) {
	file := nameOrFile
	info, err := os.Stat(nameOrFile)
	switch name, inLibrary := libraryName(nameOrFile); {
	case err == nil && !info.IsDir():
		if source, err = ReadSource(ctx, nameOrFile); err != nil {
			return nil, nil, err
		}
	case inLibrary:
		source, _ = scenarios.Find(name)
		file = "scenarios/" + name + ".yaml"
	case err == nil:
		return nil, nil, fmt.Errorf("%s is a folder; name a scenario file in it", nameOrFile)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, err
	default:
		suggestion := ""
		if near := suggest.Closest(name, scenarios.Library()); near != "" {
			suggestion = fmt.Sprintf("; did you mean %q?", near)
		}
		return nil, nil, fmt.Errorf("%s: no such file and no scenario of that name%s (`chaos list` shows the names)", nameOrFile, suggestion)
	}
	folder, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, source, err
	}
	s, err = read(file, source, catalog, sets, func(spec scenarios.FaultSpec) error {
		if p, ok := spec.(scenarios.Placed); ok {
			return p.Place(ctx, folder)
		}
		return nil
	})
	return s, source, err
}

// libraryName is the name in the library that an argument may mean.
func libraryName(nameOrFile string) (name string, found bool) {
	folder, base := filepath.Split(filepath.Clean(nameOrFile))
	name = strings.TrimSuffix(base, ".yaml")
	if folder != "" && filepath.Base(folder) != "scenarios" {
		return name, false
	}
	_, found = scenarios.Find(name)
	return name, found
}
