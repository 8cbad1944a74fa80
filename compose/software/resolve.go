package software

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Library is a file that a program needs, where it is and where it must be in
// the image for the loader to find it there.
type Library struct {
	Host  string
	Image string
}

// Needs is all that a program needs in order to start. A static program needs
// nothing.
type Needs struct {
	Libraries []Library
	// SearchPath lists directories that the loader finds by this host's
	// configuration only, so that the image must name them.
	SearchPath []string
}

// object is an ELF file whose needs are to be found.
type object struct {
	Library
	inherited []dir // DT_RPATH of the objects that led to this one
}

// dlopened are libraries of the GNU C library that are not linked but opened
// when they are needed: to resolve a host name, and to cancel a thread.
func dlopened() []string {
	return []string{"libnss_files.so.2", "libnss_dns.so.2", "libgcc_s.so.1"}
}

// resolve finds what the program at host needs when it is run as image, in the system that it
// is from.
func resolve(from system, host, image string) (Needs, error) {
	file, err := openELF(host)
	if err != nil {
		return Needs{}, err
	}
	machine, class := file.Machine, file.Class
	named := interpreter(file)
	file.Close()
	if err := checkMachine(host, machine); err != nil {
		return Needs{}, err
	}

	r := resolver{machine: machine, class: class, from: from, found: map[string]bool{}}
	if named != "" {
		if r.loader, err = from.loader(host, named); err != nil {
			return Needs{}, err
		}
		r.needs.Libraries = append(r.needs.Libraries, Library{r.loader, named})
		r.found[filepath.Base(named)] = true
		if from.unpacked() {
			r.configured = from.libraryDirs()
		} else {
			r.environment = systemDirs(environmentDirs())
			r.configured = systemDirs(configuredDirs(r.loader))
		}
	}
	// Breadth first is the order in which the loader resolves names.
	r.queue = []object{{Library: Library{host, image}}}
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		if err := r.visit(next); err != nil {
			return Needs{}, err
		}
	}
	return r.needs, nil
}

type resolver struct {
	machine elf.Machine
	class   elf.Class
	from    system
	loader  string // on the host
	queue   []object
	found   map[string]bool // names that are resolved, as they stand in DT_NEEDED
	needs   Needs

	environment, configured []dir // searched before and after DT_RUNPATH
}

// visit finds the libraries that one object names.
func (r *resolver) visit(o object) error {
	file, err := openELF(o.Host)
	if err != nil {
		return err
	}
	defer file.Close()
	names, err := file.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("read what %s needs: %w", o.Host, err)
	}
	// A static-pie program has a dynamic section, but no loader to read it.
	if r.loader == "" {
		return nil
	}

	rpath, runpath := o.dirs(file, elf.DT_RPATH), o.dirs(file, elf.DT_RUNPATH)
	search := slices.Concat(r.environment, runpath, r.configured)
	inherited := o.inherited
	if len(runpath) == 0 { // DT_RUNPATH switches DT_RPATH off
		inherited = slices.Concat(rpath, o.inherited)
		search = slices.Concat(inherited, search)
	}

	for _, name := range names {
		if r.found[name] {
			continue
		}
		r.found[name] = true
		lib, ok := r.find(name, search, o)
		if !ok {
			return r.missing(name, o)
		}
		r.queue = append(r.queue, object{lib, inherited})
		if name == "libc.so.6" {
			r.addOptional(search, o)
		}
	}
	return nil
}

// missing says that a library is, and what helps.
func (r *resolver) missing(name string, o object) error {
	if r.from.unpacked() {
		return fmt.Errorf("%s needs the shared library %s, which is not in %s: unpack the package that has it there, too", o.Host, name, r.from.root)
	}
	return fmt.Errorf("%s needs the shared library %s, which is not on this host: install the package that has it", o.Host, name)
}

// addOptional adds what the C library opens by itself, as far as it exists.
func (r *resolver) addOptional(search []dir, o object) {
	for _, name := range dlopened() {
		if r.found[name] {
			continue
		}
		if lib, ok := r.find(name, search, o); ok {
			r.found[name] = true
			r.queue = append(r.queue, object{Library: lib})
		}
	}
}

// find looks for a library as the loader would, and notes it.
func (r *resolver) find(name string, search []dir, o object) (Library, bool) {
	if strings.Contains(name, "/") {
		lib := Library{o.expand(name, o.Host), filepath.Clean(o.expand(name, o.Image))}
		ok := r.fits(lib.Host)
		if ok {
			r.needs.Libraries = append(r.needs.Libraries, lib)
		}
		return lib, ok
	}
	for _, d := range search {
		lib := Library{d.host + "/" + name, filepath.Join(d.image, name)}
		if !r.fits(lib.Host) {
			continue
		}
		r.needs.Libraries = append(r.needs.Libraries, lib)
		if d.system && !slices.Contains(r.from.builtinDirs(r.loader), d.image) {
			r.needs.SearchPath = AppendNew(r.needs.SearchPath, d.image)
		}
		return lib, true
	}
	return Library{}, false
}

// fits reports whether path is a library for this program's architecture. The
// loader passes over files that are not, such as 32-bit ones.
func (r *resolver) fits(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || !r.from.holds(path) {
		return false // reading a pipe would not end
	}
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return file.Machine == r.machine && file.Class == r.class
}

// dirs returns the search directories that an object itself names.
func (o object) dirs(file *elf.File, tag elf.DynTag) []dir {
	values, _ := file.DynString(tag) // fails if there is no dynamic section
	var dirs []dir
	for _, value := range values {
		for _, path := range filepath.SplitList(value) {
			d := dir{host: o.expand(path, o.Host), image: filepath.Clean(o.expand(path, o.Image))}
			if filepath.IsAbs(d.host) {
				dirs = append(dirs, d)
			}
		}
	}
	return dirs
}

// expand replaces $ORIGIN, the directory that the object itself is in. It does
// not tidy the path: "/link/../lib" is not "/lib" if link is a symbolic link.
func (o object) expand(path, self string) string {
	origin := self[:strings.LastIndexByte(self, '/')]
	return strings.NewReplacer("$ORIGIN", origin, "${ORIGIN}", origin).Replace(path)
}

// AppendNew appends what a list does not hold yet.
func AppendNew(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}
