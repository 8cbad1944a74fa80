package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/ledger"
)

// Exit codes that scripts rely on.
const (
	exitOK          = 0
	exitExpectation = 1   // ran, and an expectation failed
	exitUsage       = 2   // bad usage or a bad scenario; nothing was deployed
	exitNotRun      = 3   // the run could not be carried out, or something is left behind
	exitInterrupted = 130 // interrupted, and cleaned up
)

// exitError is an error with the exit code that it asks for. A nil Err says
// nothing more than the code.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

func usage(err error) error { return exitError{exitUsage, err} }

// interruptedCode is the exit code after an interrupt, by what went wrong beside it.
func interruptedCode(beyond error) int {
	if beyond != nil {
		return exitNotRun // the other one says that all is cleaned up
	}
	return exitInterrupted
}

// beyondInterrupt is what of an error is not that the program was interrupted, such as
// that something could not be healed or removed; nil if that is all.
func beyondInterrupt(err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		var others []error
		for _, part := range e.Unwrap() {
			others = append(others, beyondInterrupt(part))
		}
		return errors.Join(others...)
	case interface{ Unwrap() error }:
		return beyondInterrupt(e.Unwrap())
	default:
		return nil
	}
}

// abortOnCrash has a panic, or a fatal error such as running out of memory, end the
// program by SIGABRT. Go's own choice is the exit code 2, which is that of bad usage.
func abortOnCrash() { debug.SetTraceback("crash") }

// abandon tells what this program leaves behind if it ends now, and is its exit code then.
func abandon(stderr io.Writer) int {
	unfinished, err := experiment.Unfinished()
	if err != nil {
		fmt.Fprintf(stderr, "chaos: not cleaned up, and what is left is not known (%v): `chaos down` removes it\n", err)
		return exitNotRun
	}
	code := exitInterrupted
	for parts, runs := range unfinished {
		for _, id := range runs {
			if inForce, err := ledger.InForce(id); err == nil && inForce > 0 {
				fmt.Fprintf(stderr, "chaos: not healed: %d faults are in force on %s; `chaos heal %s` undoes them, if it is to go on\n", inForce, id, id)
			}
			fmt.Fprintf(stderr, "chaos: not cleaned up: the %s of run %s; `chaos down %s` removes them\n", parts, id, id)
			code = exitNotRun
		}
	}
	return code
}
