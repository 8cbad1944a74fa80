package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/ledger"
)

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
