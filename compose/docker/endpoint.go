package docker

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
)

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
