package software

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// environmentDirs are the directories in LD_LIBRARY_PATH.
func environmentDirs() []string {
	return slices.DeleteFunc(filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")), func(dir string) bool {
		return !filepath.IsAbs(dir)
	})
}

// configuredDirs are the directories that this host's loader searches last:
// what /etc/ld.so.conf lists, and the loader's own defaults.
func configuredDirs(loader string) []string {
	return slices.Concat(
		confDirs("/etc/ld.so.conf", map[string]bool{}),
		system{}.builtinDirs(loader),
		[]string{"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"},
	)
}

// systemDirs makes search directories of paths. In the image a library goes to
// the directory's real path, since the image has none of the host's links.
func systemDirs(paths []string) []dir {
	var dirs []dir
	for _, path := range paths {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, dir{host: path, image: real, system: true})
		}
	}
	return dirs
}

// confDirs reads the directories from an ld.so.conf file and from the files
// that it includes. A file that cannot be read lists nothing, as for ldconfig.
func confDirs(file string, seen map[string]bool) []string {
	if seen[file] {
		return nil
	}
	seen[file] = true
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}

	var dirs []string
	for line := range strings.Lines(string(content)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || fields[0] == "hwcap":
		case fields[0] == "include":
			for _, pattern := range fields[1:] {
				if !filepath.IsAbs(pattern) {
					pattern = filepath.Join(filepath.Dir(file), pattern)
				}
				included, _ := filepath.Glob(pattern) // fails on a bad pattern only
				slices.Sort(included)
				for _, name := range included {
					dirs = append(dirs, confDirs(name, seen)...)
				}
			}
		default:
			// Directories are separated by white space, commas or colons.
			for _, dir := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n,:", r) }) {
				dir, _, _ = strings.Cut(dir, "=") // an old form: dir=TYPE
				dirs = append(dirs, filepath.Clean(dir))
			}
		}
	}
	return dirs
}
