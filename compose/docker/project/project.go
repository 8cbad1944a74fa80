// Package project is what a Compose project of the user's has in an engine, and where servers in it may be reached. It
// changes nothing of it.
package project

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// Labels that Compose gives what it makes.
const (
	NameLabel    = "com.docker.compose.project"
	serviceLabel = "com.docker.compose.service"
	numberLabel  = "com.docker.compose.container-number"
	oneOffLabel  = "com.docker.compose.oneoff" // "True" of what `run` has made
)

// Container is one of the project's.
type Container struct {
	ID, Name string
	Service  string
	Number   int
	// State is the engine's word: "running", "exited".
	State string
	Exit  int
	// PID is that of its first process on the engine's machine; 0 if it does not run.
	PID int
	// Networks are those that it is on, by their ids, as it was put on them.
	Networks map[string]*network.EndpointSettings
	// OnHost: it has no network of its own, but the machine's, or that of another container.
	OnHost bool
	// Restarts is its restart policy, if the engine starts it again by itself.
	Restarts string
	// Exposed are ports that it is said to listen on, and Publishes where some of them are reached.
	Exposed   []int
	Publishes map[int]netip.AddrPort
}

// Running tells whether it can hold servers that answer.
func (c Container) Running() bool { return c.State == container.StateRunning }

// usualPort is that of Redis, which images may expose or not.
const usualPort = 6379

// busDistance is how far the port of the cluster bus is from the one for clients, unless it is said.
const busDistance = 10000

// List lists the containers of a project, ordered by service and number; of some services, or with none of all.
func List(ctx context.Context, api client.ContainerAPIClient, name string, services []string) ([]Container, error) {
	listed, err := api.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", NameLabel+"="+name))})
	if err != nil {
		return nil, fmt.Errorf("listing the containers of project %s: %w", name, err)
	}
	var all []Container
	for _, c := range listed {
		if strings.EqualFold(c.Labels[oneOffLabel], "true") || len(services) > 0 && !slices.Contains(services, c.Labels[serviceLabel]) {
			continue
		}
		looked, err := Look(ctx, api, c.ID)
		if errdefs.IsNotFound(err) {
			continue // it has just been removed
		}
		if err != nil {
			return nil, err
		}
		all = append(all, looked)
	}
	slices.SortFunc(all, func(a, b Container) int {
		return cmp.Or(compareNames(a.Service, b.Service), cmp.Compare(a.Number, b.Number))
	})
	return all, nil
}

// Look looks at one container.
func Look(ctx context.Context, api client.ContainerAPIClient, id string) (Container, error) {
	info, err := api.ContainerInspect(ctx, id)
	if err != nil {
		return Container{}, fmt.Errorf("looking at container %.12s: %w", id, err)
	}
	return of(info), nil
}

// compareNames orders node-2 before node-10.
func compareNames(a, b string) int {
	if c := len(a) - len(b); c != 0 && strings.TrimRight(a, "0123456789") == strings.TrimRight(b, "0123456789") {
		return c
	}
	return strings.Compare(a, b)
}

func of(info container.InspectResponse) Container {
	c := Container{ID: info.ID, Name: strings.TrimPrefix(info.Name, "/"),
		Networks: map[string]*network.EndpointSettings{}, Publishes: map[int]netip.AddrPort{}}
	if info.State != nil {
		c.State, c.Exit, c.PID = string(info.State.Status), info.State.ExitCode, info.State.Pid
	}
	if info.HostConfig != nil {
		mode := info.HostConfig.NetworkMode
		c.OnHost = mode.IsHost() || mode.IsContainer()
		if p := info.HostConfig.RestartPolicy; p.Name != "" && !p.IsNone() {
			c.Restarts = string(p.Name)
		}
	}
	if info.Config != nil {
		c.Service = info.Config.Labels[serviceLabel]
		c.Number, _ = strconv.Atoi(info.Config.Labels[numberLabel])
		for p := range info.Config.ExposedPorts {
			if p.Proto() == "tcp" {
				c.Exposed = append(c.Exposed, p.Int())
			}
		}
	}
	if info.NetworkSettings != nil {
		for _, endpoint := range info.NetworkSettings.Networks {
			if endpoint != nil && endpoint.NetworkID != "" && !c.OnHost {
				c.Networks[endpoint.NetworkID] = endpoint
			}
		}
		for p, bindings := range info.NetworkSettings.Ports {
			for _, b := range bindings {
				port, err := strconv.ParseUint(b.HostPort, 10, 16)
				ip, notIP := netip.ParseAddr(b.HostIP)
				if p.Proto() != "tcp" || err != nil || notIP != nil || ip.Is6() {
					continue // the same port of IPv6 leads to the same, or to another one
				}
				c.Publishes[p.Int()] = netip.AddrPortFrom(ip, uint16(port))
			}
		}
	}
	return c
}

// Published is where a port of it is published on the engine's machine; "" if it is not.
func (c Container) Published(port int) string {
	at, ok := c.Publishes[port]
	if !ok {
		return ""
	}
	return at.String()
}

// ports are those that it may be asked at, by what is said of it alone. That of a bus is left out: who sends it anything
// else has the server log that.
func (c Container) ports() []int {
	all := append([]int{usualPort}, c.Exposed...)
	for p := range c.Publishes {
		all = append(all, p)
	}
	return withoutBuses(all)
}

func withoutBuses(ports []int) []int {
	slices.Sort(ports)
	ports = slices.Compact(ports)
	return slices.DeleteFunc(slices.Clone(ports), func(p int) bool { return slices.Contains(ports, p-busDistance) })
}
