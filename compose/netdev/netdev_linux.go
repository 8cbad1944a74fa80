package netdev

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

func bindToDevice(fd int, name string) error { return unix.BindToDevice(fd, name) }

func bindToAddr(fd int, addr netip.Addr) error {
	// The port is chosen on connecting, so that many connections can share it.
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return err
	}
	return unix.Bind(fd, &unix.SockaddrInet4{Addr: addr.As4()})
}
