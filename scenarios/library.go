package scenarios

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.yaml
var library embed.FS

// Library lists the names of the scenarios that come with the binary, sorted.
func Library() []string {
	entries, err := fs.ReadDir(library, ".")
	if err != nil {
		panic(err) // the root of an embedded file system always opens
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	slices.Sort(names) // without the ending, master-pause comes before master-pause-short
	return names
}

// Find returns the source of a scenario of the library.
func Find(name string) (data []byte, ok bool) {
	data, err := library.ReadFile(name + ".yaml")
	return data, err == nil
}
