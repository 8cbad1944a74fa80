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
	pid    int
	before map[int]unix.CPUSet // of each of its threads
	busy   []*process.Process
}

// StartHog has all threads of a process share one of the CPUs that they may run on with so many busy processes,
// of a niceness as nice(1) has it: below 0, it takes root. These end when this process does, whatever ends it.
func StartHog(pid, busy, nice int) (*Hog, error) {
	h := &Hog{pid: pid, before: map[int]unix.CPUSet{}}
	cpu, err := h.pin()
	for range busy {
		if err == nil {
			err = h.add(cpu, nice)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("having others use the CPU of process %d: %w", pid, err), h.End(true))
	}
	return h, nil
}

// pin keeps the process to one CPU, and says which.
func (h *Hog) pin() (cpu int, err error) {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(h.pid, &may); err != nil {
		return 0, err
	}
	var all []int
	for i := range len(may) * 64 {
		if may.IsSet(i) {
			all = append(all, i)
		}
	}
	cpu = all[h.pid%len(all)] // servers that are hit at once are not all on the same
	var one unix.CPUSet
	one.Set(cpu)
	for {
		threads, err := threadsOf(h.pid)
		if err != nil {
			return 0, err
		}
		more := false
		for _, tid := range threads {
			if _, known := h.before[tid]; known {
				continue
			}
			more = true // one that it starts by then may have been started by one that is not kept there yet
			var was unix.CPUSet
			err := unix.SchedGetaffinity(tid, &was)
			if err == nil {
				err = unix.SchedSetaffinity(tid, &one)
			}
			if err != nil && !errors.Is(err, unix.ESRCH) {
				return 0, err
			}
			if was == one { // as it was when its parent was kept there
				was = may
			}
			h.before[tid] = was
		}
		if !more {
			return cpu, nil
		}
	}
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

// End ends the busy processes, and lets the other one run where it could before, if it lives.
func (h *Hog) End(lives bool) error {
	var errs []error
	for _, p := range h.busy {
		errs = append(errs, p.Kill())
	}
	if !lives {
		return errors.Join(errs...)
	}
	threads, err := threadsOf(h.pid)
	if errors.Is(err, os.ErrNotExist) { // it has just ended
		return errors.Join(errs...)
	}
	errs = append(errs, err)
	for _, tid := range threads {
		was, known := h.before[tid]
		if !known {
			was = h.before[h.pid]
		}
		if err := unix.SchedSetaffinity(tid, &was); err != nil && !errors.Is(err, unix.ESRCH) {
			errs = append(errs, fmt.Errorf("letting thread %d of process %d run where it could before: %w", tid, h.pid, err))
		}
	}
	return errors.Join(errs...)
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
