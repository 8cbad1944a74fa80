package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// shaping is what becomes of the packets of nodes.
type shaping struct {
	mu      sync.Mutex
	layers  map[string]*traffic.Layers // by node
	helpers string                     // the image of helpers; "" until it is asked for
	warming sync.WaitGroup             // the starts of helpers that nobody waits for
	ended   bool                       // there is to be no more of these
}

// layersOf is the rules for a node's packets.
func (s *shaping) layersOf(node string) *traffic.Layers {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.layers == nil {
		s.layers = map[string]*traffic.Layers{}
	}
	if s.layers[node] == nil {
		s.layers[node] = &traffic.Layers{}
	}
	return s.layers[node]
}

// warm has something done by the side, unless it has ended.
func (s *shaping) warm(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.warming.Go(do)
	}
}

// end waits for what is done by the side.
func (s *shaping) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.warming.Wait()
}

// letGo lets go of the namespaces of all nodes.
func (s *shaping) letGo() error {
	s.mu.Lock()
	var all []*traffic.Layers
	for _, layers := range s.layers {
		all = append(all, layers)
	}
	s.mu.Unlock()
	return errors.Join(compose.AtOnce(len(all), func(i int) error { return all[i].Close() })...)
}

// entersNetworks tells whether the networks of the engine's containers can be entered by this process: as
// root, on the machine of the engine, whose processes are then this machine's.
func (e *Engine) entersNetworks() bool { return e.product.Helper == "" && e.isBeside() }

// cannotShape is why the packets of the engine's containers cannot be changed; "" if they can.
func (e *Engine) cannotShape() string {
	if e.entersNetworks() {
		return ""
	}
	if _, err := e.helperProgram(); err != nil {
		return err.Error()
	}
	return ""
}

// isBeside tells whether the engine is on this machine, as far as can be told, and this process may do there
// what it may.
func (e *Engine) isBeside() bool {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 || !strings.HasPrefix(e.DaemonHost(), "unix://") {
		return false
	}
	var here unix.Utsname
	return unix.Uname(&here) == nil && unix.ByteSliceToString(here.Release[:]) == e.kernel
}

// Shape implements compose.Networks. The rules outlive the container's process.
func (d *Cluster) Shape(ctx context.Context, node, name string, rules []traffic.Rule) error {
	return wrap("change what becomes of the packets of", node, d.shaping.layersOf(node).Set(ctx, d.traffic(ctx, node), name, rules))
}

// ShapedBy implements compose.Networks.
func (d *Cluster) ShapedBy(node, name string) string {
	by := traffic.List(d.shaping.layersOf(node).By(name))
	if by != "" && !d.engine.entersNetworks() {
		by += ", in a helper container"
	}
	return by
}

// Shaped implements compose.Networks.
func (d *Cluster) Shaped(ctx context.Context, node, name string) ([]traffic.StandingRule, error) {
	done, err := d.shaping.layersOf(node).Done(ctx, name)
	return done, wrap("count what became of the packets of", node, err)
}

// Reset implements compose.Networks.
func (d *Cluster) Reset(ctx context.Context, node string, matches []traffic.Match) (int, error) {
	ended, err := d.shaping.layersOf(node).Reset(ctx, d.traffic(ctx, node), matches)
	return ended, wrap("reset connections of", node, err)
}

// Shapes implements compose.Conditions.
func (d *Cluster) Shapes(ctx context.Context, node string) ([]string, error) {
	if d.engine.cannotShape() != "" {
		return nil, nil // what cannot be had does not stand
	}
	names, err := d.shaping.layersOf(node).Names(ctx, d.traffic(ctx, node))
	return names, wrap("see what becomes of the packets of", node, err)
}

// warmUp starts what changes the packets of all nodes, where starting that takes its time.
func (d *Cluster) warmUp(ctx context.Context) error {
	if d.engine.entersNetworks() {
		return nil
	}
	if _, err := d.helperImage(ctx); err != nil {
		return err
	}
	return compose.EachNode(d.nodes, func(i int) error {
		node := d.nodes[i].Name
		return d.shaping.layersOf(node).Open(d.traffic(ctx, node))
	})
}

// shapeAgain has the rules stand in the namespace that a container has got by its start. A helper that has
// no rules to bring is not waited for.
func (d *Cluster) shapeAgain(ctx context.Context, node string) error {
	layers := d.shaping.layersOf(node)
	if layers.Stand() || d.engine.entersNetworks() {
		return layers.Again(ctx, d.traffic(ctx, node))
	}
	if !layers.Opened() {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	d.shaping.warm(func() {
		_ = layers.Again(ctx, d.traffic(ctx, node)) // what fails now fails again when it is needed, and is told then
		_ = layers.Open(d.traffic(ctx, node))
	})
	return nil
}

// traffic opens what becomes of the packets of a node's container.
func (d *Cluster) traffic(ctx context.Context, node string) traffic.Opener {
	return func() (traffic.Rules, error) {
		c, err := d.engine.ContainerInspect(ctx, d.containers[node])
		if err != nil {
			return nil, err
		}
		if c.State == nil || c.State.Pid == 0 {
			return nil, fmt.Errorf("%w: its container does not run", traffic.ErrNoNamespace)
		}
		if !d.engine.entersNetworks() {
			h, err := d.startHelper(ctx, node)
			if err != nil {
				return nil, err
			}
			return h, nil
		}
		if groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", c.State.Pid)); err != nil || !strings.Contains(string(groups), c.ID) {
			return nil, fmt.Errorf("process %d of this machine is not that of its container: the engine is on another machine", c.State.Pid)
		}
		table, err := traffic.Open(fmt.Sprintf("/proc/%d/ns/net", c.State.Pid))
		if err != nil {
			return nil, err
		}
		return table, nil
	}
}

// helperImage makes sure of the image of helpers.
func (d *Cluster) helperImage(ctx context.Context) (ref string, err error) {
	d.shaping.mu.Lock()
	defer d.shaping.mu.Unlock()
	if d.shaping.helpers != "" {
		return d.shaping.helpers, nil
	}
	path, err := d.engine.helperProgram()
	if err != nil {
		return "", err
	}
	d.shaping.helpers, err = image.Helper(ctx, d.engine, path, image.Options{})
	return d.shaping.helpers, err
}

var _ compose.Networks = (*Cluster)(nil)
