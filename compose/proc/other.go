//go:build !linux

package proc

import "errors"

// errLinux is the error of all that is done here, elsewhere.
var errLinux = errors.New("changing what a process has of its machine needs Linux")

// FileLimit needs Linux.
func FileLimit(int) (uint64, error) { return 0, errLinux }

// SetFileLimit needs Linux.
func SetFileLimit(int, uint64) error { return errLinux }

// LimitFor needs Linux.
func LimitFor(int, int) (uint64, error) { return 0, errLinux }

// Hog needs Linux.
type Hog struct{}

// StartHog needs Linux.
func StartHog(int, int, int) (*Hog, error) { return nil, errLinux }

// PID implements what Linux has.
func (*Hog) PID() int { return 0 }

// End implements what Linux has.
func (*Hog) End() error { return errLinux }

// UsageOf needs Linux.
func UsageOf(int) (Usage, error) { return Usage{}, errLinux }

// CPUs needs Linux.
func CPUs(int) ([]int, error) { return nil, errLinux }

// SetCPUs needs Linux.
func SetCPUs(int, []int) error { return errLinux }
