package docker

import (
	"context"
	"time"

	"github.com/docker/docker/client"
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
