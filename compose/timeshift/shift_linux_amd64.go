package timeshift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Lacks says why processes of this user's cannot be shown another time here; "" if they can.
func Lacks() string {
	if _, err := own(); err != nil {
		return fmt.Sprintf("the library by which this kernel tells processes the time cannot be changed: %v", err)
	}
	// https://docs.kernel.org/admin-guide/LSM/Yama.html; a kernel without it has no such file.
	text, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return ""
	}
	const children, admins = 1, 2
	scope, err := strconv.Atoi(strings.TrimSpace(string(text)))
	switch {
	case err != nil || scope <= children || scope == admins && os.Geteuid() == 0:
		return ""
	case scope == admins:
		return "kernel.yama.ptrace_scope is 2, by which only root changes the code of processes; run as root, or have it be 1"
	default:
		return fmt.Sprintf("kernel.yama.ptrace_scope is %d, by which nobody changes the code of processes; have it be 2 or less at the next start of this machine", scope)
	}
}

// own is the library as this process has it.
func own() (*library, error) {
	m, err := open(os.Getpid(), os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer m.close()
	if m.at == 0 {
		return nil, errors.New("there is none")
	}
	pages, err := m.pages()
	if err != nil {
		return nil, err
	}
	return parse(pages)
}

// Set has a process see a time that is off by an offset, up to 20 years either way, until Clear. It is the error of
// Set that some of this may stand by then.
func Set(ctx context.Context, pid int, offset time.Duration) error {
	if offset < -most || offset > most {
		return fmt.Errorf("a time that is off by %s: up to %s are possible", offset, most)
	}
	return change(pid, func(l *library, m *memory, shifted bool) error {
		if shifted {
			return m.write(l.unused+offsetAt, encoded(offset)) // all eight bytes of it at once
		}
		wanted := l.shifted(offset)
		busy := func(address uint64) bool { return l.entered(int(int64(address) - m.at)) }
		err := whileStopped(ctx, pid, busy, func() error {
			if err := m.write(l.unused, wanted[l.unused:l.unused+len(code())]); err != nil {
				return err
			}
			return l.enter(m, wanted)
		})
		if err != nil {
			return err
		}
		return verify(m, wanted)
	})
}

// enter writes the beginnings of the functions as they are in pages.
func (l *library) enter(m *memory, pages []byte) error {
	for entry := range l.entries {
		if err := m.write(entry, pages[entry:entry+jumpLength]); err != nil {
			return err
		}
	}
	return nil
}

// verify fails if the library is not as wanted.
func verify(m *memory, wanted []byte) error {
	if now, err := m.pages(); err != nil || !bytes.Equal(now, wanted) {
		return errors.Join(errors.New("it is not as it was written"), err)
	}
	return nil
}

// Clear has a process see the time of the machine again. One that does, or has ended, is left alone. Though it fails,
// the time may be right by then: it is so at once, and the code is put back when no thread runs it.
func Clear(ctx context.Context, pid int) error {
	err := change(pid, func(l *library, m *memory, shifted bool) error {
		if !shifted {
			return nil
		}
		if err := m.write(l.unused+offsetAt, encoded(0)); err != nil {
			return err
		}
		busy := func(address uint64) bool { return l.inCode(int(int64(address) - m.at)) }
		err := whileStopped(ctx, pid, busy, func() error {
			if err := l.enter(m, l.plain); err != nil {
				return err
			}
			return m.write(l.unused, l.plain[l.unused:])
		})
		if err != nil {
			return err
		}
		return verify(m, l.plain)
	})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) || errors.Is(err, errNone) {
		return nil
	}
	return err
}

// Offset is what the time is off by that a process sees.
func Offset(pid int) (offset time.Duration, err error) {
	err = change(pid, func(l *library, m *memory, shifted bool) error {
		if !shifted {
			return nil
		}
		pages, err := m.pages()
		offset, _, _ = l.offset(pages)
		return err
	})
	return offset, err
}

// errNone is the error of a process without the library: it has ended, or the kernel was told to do without.
var errNone = errors.New("it has no vDSO, by which it would be told the time")

// change calls f with the library of a process, which has been shifted or not.
func change(pid int, f func(l *library, m *memory, shifted bool) error) error {
	l, err := own()
	if err != nil {
		return fmt.Errorf("the vDSO of this process: %w", err)
	}
	err = func() error {
		m, err := open(pid, os.O_RDWR)
		if err != nil {
			return err
		}
		defer m.close()
		if m.at == 0 {
			return errNone
		}
		pages, err := m.pages()
		if err != nil {
			return err
		}
		_, shifted, known := l.offset(pages)
		if !known {
			return errors.New("its vDSO is not that of this kernel, and is left alone")
		}
		return f(l, m, shifted)
	}()
	if err != nil {
		return fmt.Errorf("the time that process %d sees: %w", pid, err)
	}
	return nil
}
