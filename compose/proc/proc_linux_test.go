package proc

import (
	"errors"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// child is a process that rests.
func child(t *testing.T) int {
	t.Helper()
	c := exec.Command("sleep", "300")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it runs
		_ = c.Wait()         // it was killed
	})
	return c.Process.Pid
}

// A process can open as many files as it is left.
func TestFileLimit(t *testing.T) {
	pid := child(t)
	before, err := FileLimit(pid)
	if err != nil {
		t.Fatal(err)
	}
	for more, want := range []uint64{3, 4, 5} { // it has 0 to 2 open
		if limit, err := LimitFor(pid, more); err != nil || limit != want {
			t.Errorf("for %d more: %d, %v; want %d", more, limit, err, want)
		}
	}
	for _, soft := range []uint64{3, before, before} {
		if err := SetFileLimit(pid, soft); err != nil {
			t.Error(err)
		}
		if now, err := FileLimit(pid); err != nil || now != soft {
			t.Errorf("it is %d, %v; want %d", now, err, soft)
		}
	}
	const nobody = 1 << 30
	if err := SetFileLimit(nobody, before); err == nil {
		t.Error("a process that is not there is limited")
	}
}

// Busy processes are there for as long as the one that they disturb is kept to their CPU.
func TestHog(t *testing.T) {
	pid := child(t)
	cpus := func(of int) (all unix.CPUSet) {
		if err := unix.SchedGetaffinity(of, &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := cpus(pid)
	const nice = 5
	h, err := StartHog(pid, 2, nice)
	if err != nil {
		t.Fatal(err)
	}
	one := cpus(pid)
	var busy []int
	for _, p := range h.busy {
		busy = append(busy, p.PID())
		has, err := unix.Getpriority(unix.PRIO_PROCESS, p.PID())
		if err != nil || cpus(p.PID()) != one || 20-has != nice { // what the kernel answers with is 20 minus it
			t.Errorf("a busy process runs on %v with niceness %d, %v; want %v", cpus(p.PID()), 20-has, err, one)
		}
	}
	if one.Count() != 1 || len(busy) != 2 {
		t.Errorf("%d busy processes on %d CPUs", len(busy), one.Count())
	}
	if err := errors.Join(h.End(), SetCPUs(pid, list(before))); err != nil {
		t.Error(err)
	}
	if after := cpus(pid); after != before {
		t.Errorf("it may run on %v, and could on %v", after, before)
	}
	for _, p := range busy {
		if err := unix.Kill(p, 0); err == nil {
			t.Errorf("busy process %d is there", p)
		}
	}
}
