package experiment

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Up deploys a cluster under a name and leaves it running. Its compose file and
// redis.conf stay in dir, which the containers go on using.
func Up(ctx context.Context, cluster scenarios.Cluster, name, dir string, opts Options) ([]compose.Node, error) {
	engine, command, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	e := &experiment{Options: opts, scenario: &scenarios.Scenario{Cluster: cluster}, id: name}
	img, err := e.image(ctx, engine)
	if err != nil {
		return nil, err
	}
	d := e.deployment(img)
	if name == compose.DefaultRunID {
		d.Prefix = "" // the plain names of the committed compose file
	}
	up, err := engine.Deploy(ctx, command, d, dir, opts.Ports, opts.Progress)
	if err != nil {
		return nil, fmt.Errorf("deploying the cluster: %w", err)
	}
	return up.Nodes(), nil
}
