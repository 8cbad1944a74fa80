// Package netdev is connections that are made by one network device of this machine, or not at all.
package netdev

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Device is the one of this machine that is on a network of a cluster. What is dialled
// by it goes by it or nowhere: when the network is removed, the interface is gone, and
// the addresses may be those of somebody else, in another network or beyond the default
// route. The zero Device is any.
type Device struct {
	name string
	// addr is its address where only root may bind to a name (Linux before 5.7), and then
	// does not tell it from another network of the same subnet.
	addr netip.Addr
}

// To finds the interface on whose subnet an address is; the zero Device where
// there is none, as where the engine is in a virtual machine.
func To(ip netip.Addr) Device {
	interfaces, err := net.Interfaces()
	if err != nil {
		return Device{}
	}
	var found Device
	bits := -1
	for _, i := range interfaces {
		addrs, err := i.Addrs()
		if err != nil {
			continue // it has just been removed
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err == nil && p.Contains(ip) && p.Bits() > bits {
				found, bits = Device{name: i.Name, addr: p.Addr()}, p.Bits()
			}
		}
	}
	return found
}

// Dial dials by the interface.
func (i Device) Dial(ctx context.Context, network, addr string, timeout time.Duration) (net.Conn, error) {
	dialer := net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	if i.name != "" {
		dialer.Control = func(_, _ string, c syscall.RawConn) error {
			var err error
			if failed := c.Control(func(fd uintptr) { err = i.bind(int(fd)) }); failed != nil {
				return failed
			}
			if err != nil {
				return fmt.Errorf("the network of the cluster is gone: %w: binding to %s: %w", syscall.ENETUNREACH, i.name, err)
			}
			return nil
		}
	}
	return dialer.DialContext(ctx, network, addr)
}

// bind binds a socket to the interface, or where that is not permitted to its address.
func (i Device) bind(fd int) error {
	err := bindToDevice(fd, i.name)
	if errors.Is(err, syscall.EPERM) {
		return bindToAddr(fd, i.addr)
	}
	return err
}
