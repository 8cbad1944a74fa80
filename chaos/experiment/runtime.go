package experiment

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/image"
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
	cluster compose.Runtime
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

func (e *experiment) chooseRuntime(ctx context.Context) (runtime, error) {
	switch e.Runtime {
	case RuntimeDocker:
		return e.inDocker(ctx)
	case RuntimeLocal:
		return e.onThisMachine(ctx)
	case RuntimeAuto:
		d, err := e.inDocker(ctx)
		if err == nil {
			e.Progress("a Docker engine answers: the nodes run in containers")
			return d, nil
		}
		if !errors.Is(err, compose.ErrNoEngine) {
			return nil, err
		}
		if _, missing := image.FindServer(); missing != nil && e.RedisServer == "" {
			return nil, fmt.Errorf("%w; and without Docker: %w", err, missing)
		}
		p, localErr := e.onThisMachine(ctx)
		e.Progress(fmt.Sprintf("no Docker engine answers: the nodes run as processes of this machine (%s mode)", p.mode))
		return p, localErr
	default:
		return nil, fmt.Errorf("no runtime %q", e.Runtime)
	}
}
