package docker

import (
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/timeshift"
)

// cannotSee is why the processes of the engine's containers cannot be changed; "" if they can.
func (e *Engine) cannotSee() string {
	if runtime.GOOS == "linux" && os.Geteuid() == 0 && strings.HasPrefix(e.DaemonHost(), "unix://") {
		return ""
	}
	return "the process of a container is changed on the machine of its engine, by root; run there with sudo"
}

// cannotShiftTime is why the servers in the engine's containers cannot be shown another time; "" if they can.
func (e *Engine) cannotShiftTime() string {
	if why := e.cannotSee(); why != "" {
		return why
	}
	return timeshift.Lacks()
}

// PID implements compose.Processes.
func (d *Cluster) PID(ctx context.Context, node string) (int, error) {
	c, err := d.engine.ContainerInspect(ctx, d.containers[node])
	if err != nil || c.State == nil {
		return 0, wrap("find the process of", node, err)
	}
	return c.State.Pid, nil
}
