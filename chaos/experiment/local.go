package experiment

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// processes deploys clusters of redis-server processes on this machine.
type processes struct{ mode local.Mode }

var _ runtime = processes{}

// onThisMachine is the local runtime in the mode that this user may have. What
// killed runs left behind is removed first; what of it cannot be is in nobody's way.
func (e *experiment) onThisMachine(ctx context.Context) processes {
	removed, err := local.RemoveStale(ctx)
	e.tellRemoved(removed)
	e.warn(err)
	return processes{local.DetectMode()}
}

func (processes) name() string                     { return RuntimeLocal }
func (p processes) lacks(a compose.Ability) string { return p.mode.Lacks(a) }
func (processes) close()                           {}

func (p processes) deploy(ctx context.Context, e *experiment) (deployed, error) {
	wanted := e.scenario.Cluster
	cluster, err := local.Deploy(ctx, local.Options{
		RunID: e.id, Masters: wanted.Masters, Replicas: wanted.Replicas, Config: wanted.Config,
		Server: e.RedisServer, Dir: filepath.Join(e.files.dir, "cluster"), Mode: p.mode, Keep: e.Keep, Progress: e.Progress,
	})
	if err != nil {
		return deployed{}, err
	}
	server := cluster.Server()
	d := deployed{
		cluster: cluster,
		server:  record.Server{Name: server.Name, Version: server.Version, Binary: cluster.Program()},
		config:  cluster.Config(),
		engine:  fmt.Sprintf("processes of this machine, %s mode", p.mode),
	}
	if wanted.Image != scenarios.DefaultImage {
		d.note = fmt.Sprintf("The scenario asks for the image %s; the local runtime has no images, and ran %s.", wanted.Image, cluster.Program())
	}
	return d, nil
}
