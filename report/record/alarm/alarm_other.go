//go:build !linux

package alarm

import (
	"errors"
	"time"
)

// exactTimer is not to be had here.
type exactTimer struct{}

func newExactTimer() (*exactTimer, error) {
	return nil, errors.New("timers that wake like a connection does need Linux")
}

func (*exactTimer) sleep(time.Duration) bool { return false }
func (*exactTimer) cancel()                  {}
func (*exactTimer) close()                   {}
