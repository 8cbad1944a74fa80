package experiment

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Up deploys a cluster under a name and leaves it running. Its compose file and
// redis.conf stay in dir, which the containers go on using.
func Up(ctx context.Context, cluster scenarios.Cluster, name, dir string, opts Options) ([]compose.Node, error) {
	e := &experiment{Options: opts.complete(), scenario: &scenarios.Scenario{Cluster: cluster}, id: name}
	d, err := e.inDocker(ctx)
	if err != nil {
		return nil, err
	}
	defer d.close()
	prefix := name + "-"
	if name == docker.DefaultRunID {
		prefix = "" // the plain names of the committed compose file
	}
	up, err := d.deployAs(ctx, e, prefix, dir)
	if err != nil {
		return nil, fmt.Errorf("deploying the cluster: %w", err)
	}
	return up.cluster.Nodes(), up.keep()
}
