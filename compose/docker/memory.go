package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
)

// unlimitedMemory is a limit that no machine has, in bytes: an update by the engine's API cannot lift one.
const unlimitedMemory = 1 << 50

// LimitMemory implements compose.Processes.
func (d *Cluster) LimitMemory(ctx context.Context, node string, more int64) error {
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
