package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/program"
)

// errNoEngine is in the chain of every error that says that no Docker engine answered.
const errNoEngine = compose.Unavailable("no Docker engine answers")

// Docker is the product itself.
func Docker() Product {
	return Product{Name: "docker", Title: "Docker", Program: "docker", Clients: ownClients, Advise: ownAdvice}
}

// ownClients is the one place where the docker command line looks for its engine.
func ownClients(ctx context.Context) [][]client.Opt {
	opts := []client.Opt{client.FromEnv}
	if os.Getenv(client.EnvOverrideHost) == "" {
		if host := contextHost(ctx); host != "" {
			opts = append(opts, client.WithHost(host))
		}
	}
	return [][]client.Opt{opts}
}

// ownAdvice is the error of a host where no Docker engine answered; "" if that could not be understood.
func ownAdvice(host string, err error) error {
	socket, isSocket := strings.CutPrefix(host, "unix://")
	switch {
	case host == "":
		return fmt.Errorf("%w: %w; check DOCKER_HOST", errNoEngine, err)
	case !isSocket:
		return fmt.Errorf("%w at %s: %w; check DOCKER_HOST, or the docker context", errNoEngine, host, err)
	case errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "permission denied"):
		return fmt.Errorf("%w: no permission for %s: add yourself to the docker group (sudo usermod -aG docker $USER, then log in again), or use sudo", errNoEngine, socket)
	case !socketExists(socket):
		return fmt.Errorf("%w: there is no %s: install Docker (https://docs.docker.com/engine/install/, or sudo apt-get install docker.io), or point DOCKER_HOST at an engine", errNoEngine, socket)
	default:
		return fmt.Errorf("%w at %s: %w; is it running? (sudo systemctl start docker)", errNoEngine, socket, err)
	}
}

func socketExists(path string) bool {
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
