package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose"
)

// limits are the shares of a CPU that nodes may have, by node, for engines that forget them when a
// container ends.
type limits struct {
	mu     sync.Mutex
	shares map[string]float64 // none is no limit
}

func (l *limits) set(node string, share float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shares == nil {
		l.shares = map[string]float64{}
	}
	l.shares[node] = share
}

func (l *limits) of(node string) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shares[node]
}

// LimitCPU implements compose.Cluster.
func (d *Cluster) LimitCPU(ctx context.Context, node string, share float64) error {
	if s := d.sharedSite(node); s != nil {
		return wrap("limit the CPU of", node, s.errShared())
	}
	if d.engine.product.LimitCPU == nil {
		return wrap("limit the CPU of", node, d.update(ctx, node, share))
	}
	d.limits.set(node, share)
	info, err := d.engine.ContainerInspect(ctx, d.containers[node])
	if err == nil && info.State != nil && !info.State.Running {
		return nil // it is limited once it is started
	}
	if err == nil {
		err = d.limit(ctx, node, share)
	}
	return wrap("limit the CPU of", node, err)
}

// limitAgain limits a node that was started as it was before.
func (d *Cluster) limitAgain(ctx context.Context, node string) error {
	share := d.limits.of(node)
	if share == 0 {
		return nil
	}
	return wrap("limit the CPU of", node, d.limit(ctx, node, share))
}

// limit has the product limit a container that runs.
func (d *Cluster) limit(ctx context.Context, node string, share float64) error {
	period, quota := cpuQuota(share)
	return d.engine.product.LimitCPU(ctx, d.engine.Client, d.containers[node], period, quota)
}

// update has the engine limit a container, whatever becomes of it.
func (d *Cluster) update(ctx context.Context, node string, share float64) error {
	period, quota := cpuQuota(share)
	answer, err := d.engine.ContainerUpdate(ctx, d.containers[node], container.UpdateConfig{
		Resources: container.Resources{CPUPeriod: period.Microseconds(), CPUQuota: quota.Microseconds()},
	})
	if ignored := strings.Join(answer.Warnings, "; "); err == nil && strings.Contains(ignored, "CPU") {
		err = fmt.Errorf("the engine cannot do that on this kernel: %s", ignored)
	}
	return err
}

// noQuota lifts a limit.
const noQuota = -time.Microsecond

// cpuQuota is what a share of a CPU comes to in each period.
func cpuQuota(share float64) (period, quota time.Duration) {
	if share > 0 {
		quota, period = compose.CPUQuota(share)
		return period, quota
	}
	return compose.DefaultCPUPeriod, noQuota
}

// unlimitedMemory is a limit that no machine has, in bytes: an update by the engine's API cannot lift one.
const unlimitedMemory = 1 << 50

// LimitMemory implements compose.Processes.
func (d *Cluster) LimitMemory(ctx context.Context, node string, more int64) error {
	if s := d.sharedSite(node); s != nil {
		return wrap("limit the memory of", node, s.errShared())
	}
	limit := int64(unlimitedMemory)
	if more >= 0 {
		has, err := d.memory(ctx, node)
		if err != nil {
			return wrap("ask for the memory of", node, err)
		}
		limit = has + more
	}
	const pause = 50 * time.Millisecond
	for {
		err := d.setMemory(ctx, node, limit)
		if !isEnding(err) {
			return wrap("limit the memory of", node, err)
		}
		select {
		case <-ctx.Done():
			return wrap("limit the memory of", node, err)
		case <-time.After(pause):
		}
	}
}

// setMemory sets the limit of a node's container, and lets it have no swap beside that.
func (d *Cluster) setMemory(ctx context.Context, node string, limit int64) error {
	answer, err := d.engine.ContainerUpdate(ctx, d.containers[node], container.UpdateConfig{Resources: container.Resources{Memory: limit, MemorySwap: limit}})
	if ignored := strings.Join(answer.Warnings, "; "); err == nil && strings.Contains(ignored, "memory limit capabilities") {
		err = fmt.Errorf("the engine cannot do that on this kernel: %s", ignored)
	}
	return err
}

// memory is what a node's container has, in bytes, without what the kernel keeps of files and gives back when it
// has to.
func (d *Cluster) memory(ctx context.Context, node string) (int64, error) {
	answer, err := d.engine.ContainerStatsOneShot(ctx, d.containers[node])
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return 0, err
	}
	kept := stats.MemoryStats.Stats["total_inactive_file"] // control groups of version 1
	if kept == 0 {
		kept = stats.MemoryStats.Stats["inactive_file"]
	}
	return int64(stats.MemoryStats.Usage - min(kept, stats.MemoryStats.Usage)), nil
}
