package docker

import (
	"context"
	"os"
	"runtime"
	"strings"
)

// cannotSee is why the processes of the engine's containers cannot be changed; "" if they can.
func (e *Engine) cannotSee() string {
	if runtime.GOOS == "linux" && os.Geteuid() == 0 && strings.HasPrefix(e.DaemonHost(), "unix://") {
		return ""
	}
	return "the process of a container is changed on the machine of its engine, by root; run there with sudo"
}

// PID implements compose.Processes.
func (d *Cluster) PID(ctx context.Context, node string) (int, error) {
	c, err := d.engine.ContainerInspect(ctx, d.containers[node])
	if err != nil || c.State == nil {
		return 0, wrap("find the process of", node, err)
	}
	return c.State.Pid, nil
}
