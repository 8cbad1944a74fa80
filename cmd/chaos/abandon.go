package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/local"
)

// abortOnCrash has a panic, or a fatal error such as running out of memory, end the
// program by SIGABRT. Go's own choice is the exit code 2, which is that of bad usage.
func abortOnCrash() { debug.SetTraceback("crash") }

// abandon tells what this program leaves behind if it ends now, and is its exit code then.
func abandon(stderr io.Writer) int {
	containers, err := docker.Unfinished()
	others, failed := local.Unfinished()
	if err := errors.Join(err, failed); err != nil {
		fmt.Fprintf(stderr, "chaos: not cleaned up, and what is left is not known (%v): `chaos down` removes it\n", err)
		return exitNotRun
	}
	for _, id := range containers {
		fmt.Fprintf(stderr, "chaos: not cleaned up: the containers, networks and volumes of run %s; `chaos down %s` removes them\n", id, id)
	}
	for _, id := range others {
		fmt.Fprintf(stderr, "chaos: not cleaned up: the processes, network namespaces and folders of run %s; `chaos down %s` removes them\n", id, id)
	}
	if len(containers)+len(others) == 0 {
		return exitInterrupted
	}
	return exitNotRun
}
