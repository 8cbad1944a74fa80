package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/project"
	"github.com/redis-chaos/redis-chaos/compose/timeshift"
)

// Condition implements compose.Conditions.
func (d *Cluster) Condition(ctx context.Context, node string) (compose.Condition, error) {
	info, err := d.engine.ContainerInspect(ctx, d.containers[node])
	if err != nil {
		return compose.Condition{}, wrap("look at", node, err)
	}
	return d.conditionOf(node, info), nil
}

func (d *Cluster) conditionOf(node string, info container.InspectResponse) compose.Condition {
	var c compose.Condition
	if info.ContainerJSONBase != nil && info.State != nil {
		c.Running, c.Paused = info.State.Running, info.State.Paused
	}
	if d.engine.product.LimitCPU != nil {
		c.CPU = d.limits.of(node)
	} else if info.ContainerJSONBase != nil && info.HostConfig != nil && info.HostConfig.CPUQuota > 0 {
		period := info.HostConfig.CPUPeriod
		if period == 0 {
			period = compose.DefaultCPUPeriod.Microseconds()
		}
		c.CPU = float64(info.HostConfig.CPUQuota) / float64(period)
	}
	for _, n := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		if id, known := d.networks[n]; known && !isOn(info, id) {
			c.Off = append(c.Off, n)
		}
	}
	if s := d.siteOf(node); s != nil && c.Running && d.engine.isBeside() {
		is := project.StateOf(project.Server(s.container, s.port))
		c.Running, c.Paused = is != project.State{}, c.Paused || is.Stopped
	}
	return c
}

// isOn tells whether a container is on a network.
func isOn(info container.InspectResponse, network string) bool {
	if info.NetworkSettings == nil {
		return false
	}
	for _, endpoint := range info.NetworkSettings.Networks {
		if endpoint != nil && endpoint.NetworkID == network {
			return true
		}
	}
	return false
}

// Commands lists what a person gives to the engine so that a node is as it was deployed. It asks the engine for the
// node's condition; where that does not answer, it lists what does no harm in any.
func (d *Cluster) Commands(ctx context.Context, node string) (all []string) {
	tool := d.engine.product.Program
	info, err := d.engine.ContainerInspect(ctx, d.containers[node])
	if err != nil || info.ContainerJSONBase == nil {
		return []string{fmt.Sprintf("%s start %.12s", tool, d.containers[node]), fmt.Sprintf("%s unpause %.12s", tool, d.containers[node])}
	}
	name := strings.TrimPrefix(info.Name, "/")
	is := d.conditionOf(node, info)
	if is.Paused {
		all = append(all, tool+" unpause "+name)
	}
	if !is.Running {
		all = append(all, tool+" start "+name)
	}
	if is.CPU > 0 {
		all = append(all, tool+" update --cpu-quota -1 "+name)
	}
	for _, n := range is.Off {
		all = append(all, d.connectCommand(node, name, n))
	}
	if rules, err := d.Shapes(ctx, node); err == nil && len(rules) > 0 && is.Running {
		all = append(all, tool+" restart "+name+" (its network, and the rules in it, are made anew)")
	}
	return all
}

// connectCommand puts a container back on a network at its own address.
func (d *Cluster) connectCommand(node, container string, n compose.Network) string {
	at := ""
	for _, is := range d.Nodes() {
		if is.Name != node {
			continue
		}
		if at = is.Addr; n == compose.ClientNetwork {
			at = is.ClientAddr
		}
	}
	ip := ""
	if host, _, err := net.SplitHostPort(at); err == nil && host != "" {
		ip = "--ip " + host + " "
	}
	return fmt.Sprintf("%s network connect --alias %s %s%.12s %s", d.engine.product.Program, node, ip, d.networks[n], container)
}

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
	if s := d.siteOf(node); s != nil {
		pid, err := d.serverPID(s)
		if errors.Is(err, errNoServer) {
			return 0, nil
		}
		return pid, wrap("find the process of", node, err)
	}
	return c.State.Pid, nil
}
