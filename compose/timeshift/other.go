//go:build !linux || !amd64

package timeshift

import (
	"context"
	"errors"
	"time"
)

// Lacks says what is lacking here.
func Lacks() string {
	return "the time that a process sees is changed in code of its own, which is written for Linux on x86-64 alone; run there"
}

// Set needs another machine.
func Set(context.Context, int, time.Duration) error { return errors.New(Lacks()) }

// Clear needs another machine.
func Clear(context.Context, int) error { return errors.New(Lacks()) }

// Offset needs another machine.
func Offset(int) (time.Duration, error) { return 0, errors.New(Lacks()) }
