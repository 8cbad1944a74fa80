package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// cannotShape is why the packets of the engine's containers cannot be changed; "" if they can. Their
// network namespaces are entered by the processes in them, which are this machine's.
func (e *Engine) cannotShape() string {
	if runtime.GOOS == "linux" && os.Geteuid() == 0 && strings.HasPrefix(e.DaemonHost(), "unix://") {
		return ""
	}
	return "the network of a container is entered on the machine of its engine, by root; run there with sudo"
}

// Shape implements compose.Networks. The rules outlive the container's process.
func (d *Cluster) Shape(ctx context.Context, node, name string, rules []traffic.Rule) error {
	return wrap("change what becomes of the packets of", node, d.layersOf(node).Set(ctx, d.traffic(ctx, node), name, rules))
}

// Reset implements compose.Networks.
func (d *Cluster) Reset(ctx context.Context, node string, matches []traffic.Match) (int, error) {
	ended, err := d.layersOf(node).Reset(ctx, d.traffic(ctx, node), matches)
	return ended, wrap("reset connections of", node, err)
}

// layersOf is the rules for a node's packets.
func (d *Cluster) layersOf(node string) *traffic.Layers {
	d.shaping.Lock()
	defer d.shaping.Unlock()
	if d.layers == nil {
		d.layers = map[string]*traffic.Layers{}
	}
	if d.layers[node] == nil {
		d.layers[node] = &traffic.Layers{}
	}
	return d.layers[node]
}

// shapeAgain has the rules stand in the namespace that a container has got by its start.
func (d *Cluster) shapeAgain(ctx context.Context, node string) error {
	return d.layersOf(node).Again(ctx, d.traffic(ctx, node))
}

// letGo lets go of the namespaces of all nodes.
func (d *Cluster) letGo() error {
	d.shaping.Lock()
	defer d.shaping.Unlock()
	var errs []error
	for _, layers := range d.layers {
		errs = append(errs, layers.Close())
	}
	return errors.Join(errs...)
}

// traffic opens what becomes of the packets of a node's container.
func (d *Cluster) traffic(ctx context.Context, node string) traffic.Opener {
	return func() (*traffic.Table, error) {
		if why := d.engine.cannotShape(); why != "" {
			return nil, errors.New(why)
		}
		c, err := d.engine.ContainerInspect(ctx, d.containers[node])
		if err != nil {
			return nil, err
		}
		if c.State == nil || c.State.Pid == 0 {
			return nil, errors.New("its container does not run, and has no network")
		}
		return traffic.Open(fmt.Sprintf("/proc/%d/ns/net", c.State.Pid))
	}
}

var _ compose.Networks = (*Cluster)(nil)
