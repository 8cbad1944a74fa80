package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/chaos"
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
	if err := checkModules(wanted.Config.Modules()); err != nil {
		return deployed{}, err
	}
	cluster, err := local.Deploy(ctx, local.Options{
		RunID: e.id, Masters: wanted.Masters, Replicas: wanted.Replicas, Config: wanted.Config,
		AllowDebug: chaos.Needs(e.scenario, compose.Debugging),
		Server:     e.RedisServer, Dir: filepath.Join(e.files.Dir, "cluster"), Mode: p.mode, Keep: e.Keep, Progress: e.Progress,
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

// checkModules wants the modules to be files of this machine, where the servers are to
// load them.
func checkModules(paths []string) error {
	for _, path := range paths {
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("cluster.config: loadmodule %s: there is no such file on this machine, where the local runtime runs the servers", path)
		case err != nil:
			return fmt.Errorf("cluster.config: loadmodule: %w", err)
		case !info.Mode().IsRegular():
			return fmt.Errorf("cluster.config: loadmodule %s is no file; name the shared library of a module", path)
		}
	}
	return nil
}
