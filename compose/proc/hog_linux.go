package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local/process"
)

// Hog is a process that is kept to one CPU, and others that never rest, which want the same one.
type Hog struct {
	pid  int
	busy []*process.Process
}

// StartHog has all threads of a process share one of the CPUs that they may run on with so many busy processes,
// of a niceness as nice(1) has it: below 0, it takes root. These end when this process does, whatever ends it.
func StartHog(pid, busy, nice int) (*Hog, error) {
	h := &Hog{pid: pid}
	all, err := CPUs(pid)
	if err != nil {
		return nil, err
	}
	cpu := all[pid%len(all)] // servers that are hit at once are not all on the same
	err = SetCPUs(pid, []int{cpu})
	for range busy {
		if err == nil {
			err = h.add(cpu, nice)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("having others use the CPU of process %d: %w", pid, err), h.End(), SetCPUs(pid, all))
	}
	return h, nil
}

// add starts one busy process on a CPU.
func (h *Hog) add(cpu, nice int) error {
	p, err := process.Start(process.Spec{
		File: "/bin/sh", Argv: []string{"redis-chaos-hog", "-c", "while :; do :; done"}, Dir: "/",
		Enter: func() error {
			var one unix.CPUSet
			one.Set(cpu)
			if err := unix.SchedSetaffinity(0, &one); err != nil {
				return fmt.Errorf("using CPU %d: %w", cpu, err)
			}
			if err := unix.Setpriority(unix.PRIO_PROCESS, 0, nice); err != nil {
				return fmt.Errorf("the niceness %d: %w", nice, err)
			}
			return nil
		},
		Log:  func(r io.Reader) { _, _ = io.Copy(io.Discard, r) },
		Tell: func(compose.Happening) {},
	})
	if err == nil {
		h.busy = append(h.busy, p)
	}
	return err
}

// PID is the id of the process that shares its CPU; 0 of no Hog.
func (h *Hog) PID() int {
	if h == nil {
		return 0
	}
	return h.pid
}

// End ends the busy processes, and leaves the other one on its CPU: see SetCPUs.
func (h *Hog) End() error {
	if h == nil {
		return nil
	}
	var errs []error
	for _, p := range h.busy {
		errs = append(errs, p.Kill())
	}
	return errors.Join(errs...)
}

// CPUs lists the CPUs that a process may run on.
func CPUs(pid int) ([]int, error) {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &may); err != nil {
		return nil, fmt.Errorf("asking for the CPUs of process %d: %w", pid, err)
	}
	return list(may), nil
}

func list(set unix.CPUSet) (all []int) {
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			all = append(all, i)
		}
	}
	return all
}

// SetCPUs lets all threads of a process run on some CPUs and no others. One that has just ended is left alone.
func SetCPUs(pid int, cpus []int) error {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	for known := map[int]bool{}; ; {
		threads, err := threadsOf(pid)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		more := false
		for _, tid := range threads {
			if known[tid] {
				continue
			}
			known[tid], more = true, true // one that it starts by then may have been started by one that is not there yet
			if err := unix.SchedSetaffinity(tid, &set); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("having thread %d of process %d run on the CPUs %v: %w", tid, pid, cpus, err)
			}
		}
		if !more {
			return nil
		}
	}
}

// threadsOf lists the threads of a process.
func threadsOf(pid int) (all []int, err error) {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil, err
	}
	for _, task := range tasks {
		if tid, err := strconv.Atoi(task.Name()); err == nil {
			all = append(all, tid)
		}
	}
	return all, nil
}
