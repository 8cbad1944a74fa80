package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/software"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// The runtimes that Options.Runtime can name.
const (
	RuntimeAuto   = "auto"   // Docker where an engine answers, else local
	RuntimeDocker = "docker" // containers
	RuntimeLocal  = "local"  // processes of this machine
)

// Runtimes lists what Options.Runtime can name.
func Runtimes() []string { return []string{RuntimeAuto, RuntimeDocker, RuntimeLocal} }

// runtime deploys clusters of one kind.
type runtime interface {
	// name is what result.json calls it.
	name() string
	// lacks says why clusters of this runtime cannot do something; "" if they can.
	lacks(compose.Ability) string
	// deploy gives the scenario its cluster. It removes what it made if it fails.
	deploy(ctx context.Context, e *experiment) (deployed, error)
	close()
}

// deployed is a cluster with what the report tells of it.
type deployed struct {
	cluster compose.Cluster
	server  record.Server
	config  map[string]string // effective redis.conf directives
	engine  string            // what runs it: "Docker 28.2.2, docker compose 2.32.4"
	note    string            // what a reader should know of it
	// keep lets the cluster go on without this program; nil if it cannot.
	keep func() error
}

// tellRemoved tells which killed runs were cleaned up after.
func (e *experiment) tellRemoved(runs []string) {
	if len(runs) > 0 {
		e.Progress("removed what killed runs had left behind: " + strings.Join(runs, ", "))
	}
}

// warn tells of something that is wrong with this machine, and not with the run.
func (e *experiment) warn(err error) {
	if err != nil {
		e.Warn(err.Error())
	}
}

// removed is what is left of the error of removing a cluster once it is told what the
// engine would not remove: the run is over, whatever came of it.
func (e *experiment) removed(err error) error {
	if left, ok := err.(*docker.LeftError); ok {
		e.warn(left)
		return nil
	}
	return err
}

func (e *experiment) chooseRuntime(ctx context.Context) (runtime, error) {
	switch e.Runtime {
	case RuntimeDocker:
		return e.inDocker(ctx)
	case RuntimeLocal:
		return e.onThisMachine(ctx), nil
	case RuntimeAuto:
		d, err := e.inDocker(ctx)
		if err == nil {
			e.Progress("a Docker engine answers: the nodes run in containers")
			return d, nil
		}
		if !errors.Is(err, docker.ErrNoEngine) {
			return nil, err
		}
		if _, missing := software.Find(); missing != nil && e.RedisServer == "" {
			return nil, fmt.Errorf("%w; and without Docker: %w", err, missing)
		}
		p := e.onThisMachine(ctx)
		e.Progress(fmt.Sprintf("no Docker engine answers: the nodes run as processes of this machine (%s mode)", p.mode))
		return p, nil
	default:
		return nil, fmt.Errorf("no runtime %q", e.Runtime)
	}
}
