package main

import (
	"context"

	"github.com/redis-chaos/redis-chaos/report"
)

// ending is how a command ended that makes runs: what is left to be told of it, and its exit code.
type ending struct {
	interrupted, failed bool
	interruptedBy       int   // the exit code, if it was
	untold              error // nil if all is
}

// endedBy is the ending with the error that the runs ended by.
func endedBy(ctx context.Context, err error) *ending {
	e := &ending{interrupted: ctx.Err() != nil, failed: err != nil, untold: err}
	if e.interrupted {
		e.untold = beyondInterrupt(err)
		e.interruptedBy = interruptedCode(e.untold)
	}
	return e
}

// unprinted adds why what came of the runs could not be printed: that is told if nothing else
// went wrong.
func (e *ending) unprinted(err error) {
	if err != nil && !e.failed {
		e.untold, e.failed = err, true
	}
}

// exit is the command's exit code, and what is left to be told; without an error, what came of the
// runs decides.
func (e *ending) exit(came func() int) (int, error) {
	switch {
	case e.interrupted:
		return e.interruptedBy, e.untold
	case e.failed:
		return exitNotRun, e.untold
	default:
		return came(), nil
	}
}

// verdictCode is the exit code of what came of runs.
func verdictCode(v report.Verdict) int {
	switch v {
	case report.Error:
		return exitNotRun
	case report.Fail:
		return exitExpectation
	default:
		return exitOK
	}
}
