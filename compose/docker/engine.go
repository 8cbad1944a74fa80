package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/program"
)

// ErrNoEngine is in the chain of every error that says that no Docker engine answered.
const ErrNoEngine = compose.Unavailable("no Docker engine answers")

// Engine is a connection to a Docker engine.
type Engine struct {
	*client.Client
	// Version of the engine: "28.2.2".
	Version string

	mu    sync.Mutex
	named string // see place; empty until it was asked for
}

// Connect finds the Docker engine as the docker command line does: DOCKER_HOST,
// else the current docker context, else the default socket.
func Connect(ctx context.Context) (*Engine, error) {
	opts := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if os.Getenv(client.EnvOverrideHost) == "" {
		if host := contextHost(ctx); host != "" {
			opts = append(opts, client.WithHost(host))
		}
	}
	c, err := client.NewClientWithOpts(opts...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; check DOCKER_HOST", ErrNoEngine, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	version, err := c.ServerVersion(ctx)
	if err != nil {
		c.Close()
		return nil, engineError(c.DaemonHost(), err)
	}
	return &Engine{Client: c, Version: version.Version}, nil
}

func engineError(host string, err error) error {
	socket, isSocket := strings.CutPrefix(host, "unix://")
	switch {
	case !isSocket:
		return fmt.Errorf("%w at %s: %w; check DOCKER_HOST, or the docker context", ErrNoEngine, host, err)
	case errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "permission denied"):
		return fmt.Errorf("%w: no permission for %s: add yourself to the docker group (sudo usermod -aG docker $USER, then log in again), or use sudo", ErrNoEngine, socket)
	case !exists(socket):
		return fmt.Errorf("%w: there is no %s: install Docker (https://docs.docker.com/engine/install/, or sudo apt-get install docker.io), or point DOCKER_HOST at an engine", ErrNoEngine, socket)
	default:
		return fmt.Errorf("%w at %s: %w; is it running? (sudo systemctl start docker)", ErrNoEngine, socket, err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// contextHost is the address of the current docker context; "" for the default
// one or where there is none.
func contextHost(ctx context.Context) string {
	name := os.Getenv("DOCKER_CONTEXT")
	if name == "" {
		dir := os.Getenv("DOCKER_CONFIG")
		if dir == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return ""
			}
			dir = filepath.Join(home, ".docker")
		}
		var config struct{ CurrentContext string }
		data, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil || json.Unmarshal(data, &config) != nil {
			return ""
		}
		name = config.CurrentContext
	}
	if name == "" || name == "default" {
		return ""
	}
	const patience = 10 * time.Second
	out, err := program.Question{Path: "docker", Args: []string{"context", "inspect", "--format", "{{.Endpoints.docker.Host}}", "--", name}, Patience: patience}.Ask(ctx)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}
