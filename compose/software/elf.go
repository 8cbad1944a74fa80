package software

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
)

// openELF opens an ELF file and says in plain words if it is something else.
func openELF(path string) (*elf.File, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // reading a pipe or a device would not end
		return nil, fmt.Errorf("%s is not a regular file, and no Linux program", path)
	}
	file, err := elf.Open(path)
	if err == nil {
		return file, nil
	}
	if pathError := new(fs.PathError); errors.As(err, &pathError) {
		return nil, err
	}
	head := make([]byte, 4)
	if f, openErr := os.Open(path); openErr == nil {
		_, _ = f.Read(head)
		f.Close()
	}
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return nil, fmt.Errorf("%s is a script, not a Linux program: name the program that it starts", path)
	case slices.ContainsFunc([]string{"\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe"}, func(magic string) bool { return string(head) == magic }):
		return nil, fmt.Errorf("%s is a macOS program; a container needs one that is built for Linux", path)
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return nil, fmt.Errorf("read ELF file %s: %w", path, err)
	}
	return nil, fmt.Errorf("%s is not a Linux program (no ELF file)", path)
}

// IsStatic tells whether a program needs no loader, and so no library.
func IsStatic(path string) (bool, error) {
	file, err := openELF(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	return interpreter(file) == "", nil
}

// interpreter returns the loader that a program names, "" for a static one.
func interpreter(file *elf.File) string {
	for _, segment := range file.Progs {
		const longestPath = 4096
		if segment.Type != elf.PT_INTERP || segment.Filesz > longestPath {
			continue
		}
		path := make([]byte, segment.Filesz)
		if _, err := segment.ReadAt(path, 0); err != nil {
			return ""
		}
		return string(bytes.TrimRight(path, "\x00"))
	}
	return ""
}

// CheckBuiltFor says what is wrong with a file if it is no Linux program for an architecture, as Go names it.
func CheckBuiltFor(path, arch string) error {
	file, err := openELF(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if want, known := machine(arch); known && file.Machine != want {
		return fmt.Errorf("%s is built for %s, and not for %s", path, file.Machine, arch)
	}
	return nil
}

// checkMachine returns an error if a file is built for another architecture
// than this program.
func checkMachine(path string, built elf.Machine) error {
	if want, known := machine(runtime.GOARCH); known && built != want {
		return fmt.Errorf("%s is built for %s, and this host is %s", path, built, runtime.GOARCH)
	}
	return nil
}

// machine is an architecture of Go's as ELF files name it.
func machine(arch string) (m elf.Machine, known bool) {
	m, known = map[string]elf.Machine{
		"386":     elf.EM_386,
		"amd64":   elf.EM_X86_64,
		"arm":     elf.EM_ARM,
		"arm64":   elf.EM_AARCH64,
		"loong64": elf.EM_LOONGARCH,
		"ppc64le": elf.EM_PPC64,
		"riscv64": elf.EM_RISCV,
		"s390x":   elf.EM_S390,
	}[arch]
	return m, known
}
