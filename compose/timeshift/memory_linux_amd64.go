package timeshift

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// memory is that of a process, which holds the library.
type memory struct {
	file *os.File
	// at is the address of the library; 0 if the process has none.
	at   int64
	size int
}

// open opens the memory of a process.
func open(pid int, flag int) (*memory, error) {
	m := &memory{}
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, err
	}
	defer maps.Close()
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		var from, to int64
		if !strings.HasSuffix(lines.Text(), "[vdso]") {
			continue
		}
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x", &from, &to); err != nil {
			return nil, fmt.Errorf("its memory map: %w", err)
		}
		m.at, m.size = from, int(to-from)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	m.file, err = os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), flag, 0)
	return m, err
}

// pages are those of the library.
func (m *memory) pages() ([]byte, error) {
	pages := make([]byte, m.size)
	_, err := m.file.ReadAt(pages, m.at)
	return pages, err
}

// write writes to a place in the library.
func (m *memory) write(at int, b []byte) error {
	_, err := m.file.WriteAt(b, m.at+int64(at))
	return err
}

func (m *memory) close() { m.file.Close() }
