package experiment

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// The runtimes that Options.Runtime can name.
const (
	RuntimeAuto   = "auto"   // Docker
	RuntimeDocker = "docker" // containers
)

// Runtimes lists what Options.Runtime can name.
func Runtimes() []string { return []string{RuntimeAuto, RuntimeDocker} }

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
}

func (e *experiment) chooseRuntime(ctx context.Context) (runtime, error) {
	switch e.Runtime {
	case RuntimeAuto, RuntimeDocker:
		return connect(ctx)
	default:
		return nil, fmt.Errorf("no runtime %q", e.Runtime)
	}
}
