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

// Product is an engine that is spoken to by Docker's API: what it is called, where it answers, and
// what it does in another way than Docker, which is what is left out.
type Product struct {
	// Name is what --runtime and result.json call it, and Title what people do: "docker" and "Docker".
	// Program is what they give it commands by.
	Name, Title, Program string
	// Clients lists the places where one may answer, in the order in which they are tried, as
	// options of a client. There is at least one.
	Clients func(ctx context.Context) [][]client.Opt
	// Advise is the error of a host where none answered, with what can be done about it;
	// compose.Unavailable is in its chain. Host is "" if it could not be understood.
	Advise func(host string, err error) error

	// Helper is the program of helper containers, and has packets changed by these alone; "" is this program, and
	// no helper where root can do without.
	Helper string
	// Anonymous: it has another id each time that it is asked, and is known by its address.
	Anonymous bool
	// NamelessNetworks: its events of networks name the container alone, and not the network.
	NamelessNetworks bool
	// NewMACs: unless it is told which, an interface has another MAC address each time that its
	// container starts, and neighbours go on using the one that they know.
	NewMACs bool
	// FixedMemory: the limit of a running container's memory cannot be changed by ContainerUpdate.
	FixedMemory bool
	// ForeignVolumes: its volumes are not known to be folders that another file system can be mounted on.
	ForeignVolumes bool
	// DiskServer is the command that serves a disk, as disk.ServeStdio does: this program's own if it is not
	// given.
	DiskServer []string
	// LimitCPU limits a running container to a quota in each period (-1 µs for no limit), until it
	// ends; nil if ContainerUpdate does, whatever becomes of the container.
	LimitCPU func(ctx context.Context, c *client.Client, container string, period, quota time.Duration) error
}

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
