//go:build !linux

package process

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/program"
)

// find lists the processes that run a server in a folder that in accepts.
func find(_ string, in func(dir string) bool) ([]int, error) {
	// Of processes whose names begin so (-c): the process (p) and the name (n) of
	// the current folder (-d cwd), a line each. It fails if there is none.
	const patience = time.Minute
	args := []string{"-a", "-d", "cwd", "-c", "redis-server", "-c", "valkey-server", "-Fpn"}
	out, err := program.Question{Path: "lsof", Args: args, Patience: patience}.Ask(context.Background())
	if err != nil && len(out) > 0 {
		return nil, fmt.Errorf("lsof: %w", err)
	}
	var pids []int
	pid := 0
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if number, ok := strings.CutPrefix(line, "p"); ok {
			pid, _ = strconv.Atoi(number)
		}
		if dir, ok := strings.CutPrefix(line, "n"); ok && pid != 0 && in(dir) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
