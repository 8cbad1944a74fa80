package docker

import (
	"context"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose"
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
