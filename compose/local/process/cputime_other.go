//go:build !linux

package process

import (
	"errors"
	"time"
)

// cpuTime needs a clock of the process, which Linux has.
func cpuTime(int) (time.Duration, error) {
	return 0, errors.New("limiting the CPU time of local processes needs Linux; run with Docker")
}
