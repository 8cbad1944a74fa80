package experiment

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Up deploys a cluster under a name and leaves it running. What the nodes go on using stays in
// dir.
func Up(ctx context.Context, cluster scenarios.Cluster, name, dir string, opts Options) ([]compose.Node, error) {
	opts = opts.complete()
	d, err := prepare(ctx, opts, true)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	o, err := order(&scenarios.Scenario{Cluster: cluster}, opts, name, dir)
	if err != nil {
		return nil, err
	}
	o.PlainNames = name == compose.DefaultRunID
	o.Access.Rights = nil // it is for scenarios that nobody knows yet
	up, err := d.Deploy(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("deploying the cluster: %w", err)
	}
	if err := forget(ctx, d, name); err != nil {
		return nil, errors.Join(err, up.Keep())
	}
	return up.Cluster.Nodes(), up.Keep()
}
