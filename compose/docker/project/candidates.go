package project

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose/discover"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// Candidates are what may be servers in containers that run. seen is nil where the processes of the engine's machine are
// not this one's. Address by address, the container's own come first: they are the same for all ports.
func Candidates(containers []Container, seen Processes, engine string) (all []discover.Candidate) {
	names := nameAll(containers)
	for i, c := range containers {
		if !c.Running() {
			continue
		}
		ports := c.ports()
		if seen != nil {
			ports = seen.ports(c.ID)
		}
		for _, port := range ports {
			addrs := c.addrs(port, engine)
			for _, addr := range addrs {
				at := discover.Candidate{Addr: addr, Name: names[i], In: c.ID}
				at.Also = append(slices.Clone(addrs), c.names(port)...)
				if ip, err := netip.ParseAddrPort(addr); err == nil && !ip.Addr().IsLoopback() {
					at.By = netdev.To(ip.Addr())
				}
				all = append(all, at)
			}
		}
	}
	return all
}

// Silent are the containers that do not run, and so give no answer.
func Silent(containers []Container) (all []discover.Other) {
	names := nameAll(containers)
	for i, c := range containers {
		if c.Running() {
			continue
		}
		why := "its container is " + c.State
		if c.State == container.StateExited {
			why = fmt.Sprintf("its container has exited (%d)", c.Exit)
		}
		all = append(all, discover.Other{Candidate: discover.Candidate{Name: names[i], In: c.ID}, Why: why})
	}
	return all
}

// nameAll names containers by their services, and those of a scaled one by their numbers, too.
func nameAll(containers []Container) []string {
	count := map[string]int{}
	for _, c := range containers {
		count[c.Service]++
	}
	names := make([]string, len(containers))
	for i, c := range containers {
		if names[i] = c.Service; count[c.Service] > 1 {
			names[i] = fmt.Sprintf("%s-%d", c.Service, c.Number)
		}
	}
	return names
}

// addrs are where a port of a container may be reached from here.
func (c Container) addrs(port int, engine string) (all []string) {
	text := strconv.Itoa(port)
	if c.OnHost {
		return []string{net.JoinHostPort(hostOf(engine), text)}
	}
	for _, endpoint := range c.Networks {
		if endpoint.IPAddress != "" {
			all = append(all, net.JoinHostPort(endpoint.IPAddress, text))
		}
	}
	slices.Sort(all)
	if at, ok := c.Publishes[port]; ok {
		host := at.Addr().String()
		if at.Addr().IsUnspecified() || at.Addr().IsLoopback() {
			host = hostOf(engine)
		}
		all = append(all, net.JoinHostPort(host, strconv.Itoa(int(at.Port()))))
	}
	return all
}

// names are those by which other containers know a port of it.
func (c Container) names(port int) (all []string) {
	text := strconv.Itoa(port)
	for _, name := range []string{c.Service, c.Name} {
		all = append(all, net.JoinHostPort(name, text))
	}
	for _, endpoint := range c.Networks {
		for _, alias := range endpoint.Aliases {
			all = append(all, net.JoinHostPort(alias, text))
		}
	}
	return all
}

// hostOf is the host that an engine is on.
func hostOf(engine string) string {
	u, err := url.Parse(engine)
	if err != nil || u.Scheme == "unix" || u.Scheme == "npipe" || u.Hostname() == "" {
		return "127.0.0.1"
	}
	return u.Hostname()
}
