// Package podman is the runtime of Podman's containers. Podman's service speaks Docker's API, so
// this is what compose/docker does, with another product.
package podman

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
)

// errNoService is in the chain of every error that says that no service answered.
const errNoService = compose.Unavailable("no Podman service answers")

// Runtime is that of Podman's containers.
func Runtime() compose.Runtime { return docker.For(Product()) }

// Product is Podman, from version 4.3 on.
func Product() docker.Product {
	return docker.Product{
		Name: "podman", Title: "Podman", Program: "podman",
		Clients: clients, Advise: advise,
		Anonymous: true, NamelessNetworks: true, NewMACs: true,
		FixedMemory: true, ForeignVolumes: true, LimitCPU: limitCPU,
	}
}

// hostVariable is where podman's own command line looks for a service first: podman(1).
const hostVariable = "CONTAINER_HOST"

// clients are those of CONTAINER_HOST, else of the user's socket, else of root's.
func clients(context.Context) [][]client.Opt {
	if host := os.Getenv(hostVariable); host != "" {
		return [][]client.Opt{{client.WithHost(host)}}
	}
	var places [][]client.Opt
	for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/run"} {
		if dir != "" {
			places = append(places, []client.Opt{client.WithHost("unix://" + filepath.Join(dir, "podman", "podman.sock"))})
		}
	}
	return places
}

// advise is the error of a host where none answered; "" if that could not be understood.
func advise(host string, err error) error {
	socket, isSocket := strings.CutPrefix(host, "unix://")
	if !isSocket {
		return fmt.Errorf("%w at %s: %w; check %s, which is unix:// and the path of a socket, or tcp://", errNoService, os.Getenv(hostVariable), err, hostVariable)
	}
	start := "systemctl --user enable --now podman.socket"
	if os.Geteuid() == 0 {
		start = "systemctl enable --now podman.socket"
	}
	if _, gone := os.Stat(socket); gone != nil {
		return fmt.Errorf("%w: there is no %s: install Podman (sudo apt-get install podman) and start its service (%s), or point %s at one", errNoService, socket, start, hostVariable)
	}
	return fmt.Errorf("%w at %s: %w; is it running? (%s)", errNoService, socket, err, start)
}
