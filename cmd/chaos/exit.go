package main

import (
	"context"
	"errors"
	"fmt"
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
