package docker

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// Engine is a connection to an engine.
type Engine struct {
	*client.Client
	// Version of the engine: "28.2.2".
	Version string

	// kernel and arch are those of its machine: "6.1.0-49-amd64", "amd64".
	kernel, arch string
	product      Product
	mu           sync.Mutex
	named        string // see place; empty until it was asked for
}

// connectPatience is how long an engine may take to tell its version.
const connectPatience = 10 * time.Second

// Connect finds the Docker engine as the docker command line does: DOCKER_HOST,
// else the current docker context, else the default socket.
func Connect(ctx context.Context) (*Engine, error) { return Docker().Connect(ctx) }

// Connect connects to the first place where an engine of the product answers. The error that
// none does is that of the last place.
func (p Product) Connect(ctx context.Context) (*Engine, error) {
	var last error
	for _, opts := range p.Clients(ctx) {
		e, err := p.connect(ctx, opts)
		if err == nil {
			return e, nil
		}
		last = err
	}
	return nil, last
}

func (p Product) connect(ctx context.Context, opts []client.Opt) (*Engine, error) {
	c, err := client.NewClientWithOpts(append(opts, client.WithAPIVersionNegotiation())...)
	if err != nil {
		return nil, p.Advise("", err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	version, err := c.ServerVersion(ctx)
	if err != nil {
		c.Close()
		return nil, p.Advise(c.DaemonHost(), err)
	}
	return &Engine{Client: c, Version: version.Version, kernel: version.KernelVersion, arch: version.Arch, product: p}, nil
}

// placePrefix begins what the journals call an engine.
func (p Product) placePrefix() string { return p.Name + "-" }

// place is what the journals call this engine: by its own id, if it has one, since addresses change.
func (e *Engine) place(ctx context.Context) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.named == "" {
		id := ""
		if !e.product.Anonymous {
			info, err := e.Info(ctx)
			if err != nil {
				return "", fmt.Errorf("asking the engine for its id: %w", err)
			}
			id = info.ID
		}
		e.named = e.product.placePrefix() + cmp.Or(id, e.DaemonHost())
	}
	return e.named, nil
}

// endpoint is a container's place on a network: its address there, and its names.
func (e *Engine) endpoint(ip netip.Addr, names ...string) *network.EndpointSettings {
	s := &network.EndpointSettings{IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: ip.String()}, Aliases: names}
	if e.product.NewMACs {
		s.MacAddress = macOf(ip)
	}
	return s
}

// macOf is a MAC address that goes with an IPv4 address: locally administered, as Docker makes them.
func macOf(ip netip.Addr) string {
	b := ip.As4()
	return net.HardwareAddr{0x02, 0x42, b[0], b[1], b[2], b[3]}.String()
}

// startWithMACs starts containers that were created only, with MAC addresses of their own: Compose
// has no version that can say one for each network of a container, or one that all read.
func (e *Engine) startWithMACs(ctx context.Context, d Deployment) error {
	for _, n := range d.planned() {
		name, names := d.Prefix+n.Name, []string{n.Name}
		if d.AnnounceNames {
			names = append(names, n.BusName)
		}
		for _, on := range []struct {
			network string
			at      *network.EndpointSettings
		}{{d.networkName(clientNet), e.endpoint(n.ClientAddr, n.Name)}, {d.networkName(clusterNet), e.endpoint(n.ClusterAddr, names...)}} {
			// Some versions of Compose put it on its second network at its start.
			if err := e.NetworkDisconnect(ctx, on.network, name, false); err != nil && !isOffNetwork(err) {
				return fmt.Errorf("setting the MAC address of %s: %w", n.Name, err)
			}
			if err := e.NetworkConnect(ctx, on.network, name, on.at); err != nil {
				return fmt.Errorf("setting the MAC address of %s: %w", n.Name, err)
			}
		}
		if err := e.ContainerStart(ctx, name, container.StartOptions{}); err != nil {
			return fmt.Errorf("start %s: %w", n.Name, err)
		}
	}
	return nil
}
