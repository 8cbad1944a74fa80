package traffic

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// rawSockets send whole packets, which rules leave alone.
type rawSockets struct{ v4, v6 int }

// openRaw is in the namespace of the current thread. v6 is -1 where there is no IPv6.
func openRaw() (*rawSockets, error) {
	v4, err := rawSocket(unix.AF_INET)
	if err != nil {
		return nil, err
	}
	v6, err := rawSocket(unix.AF_INET6)
	if err != nil {
		v6 = -1
	}
	return &rawSockets{v4, v6}, nil
}

func rawSocket(family int) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_RAW)
	if err == nil {
		if err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, mark); err == nil && family == unix.AF_INET6 {
			err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_HDRINCL, 1)
		}
		if err != nil {
			unix.Close(fd)
		}
	}
	if err != nil {
		return -1, explained("raw sockets", err)
	}
	return fd, nil
}

func tryRaw() error {
	s, err := openRaw()
	if err != nil {
		return err
	}
	s.close()
	return nil
}

// send is of a packet from its IP header on.
func (s *rawSockets) send(b []byte) error {
	var err error
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		err = unix.Sendto(s.v4, b, 0, &unix.SockaddrInet4{Addr: [4]byte(b[16:20])})
	case len(b) >= 40 && b[0]>>4 == 6 && s.v6 >= 0:
		err = unix.Sendto(s.v6, b, 0, &unix.SockaddrInet6{Addr: netip.AddrFrom16([16]byte(b[24:40])).As16()})
	}
	if err != nil {
		return fmt.Errorf("sending a packet again: %w", err)
	}
	return nil
}

func (s *rawSockets) close() {
	unix.Close(s.v4)
	if s.v6 >= 0 {
		unix.Close(s.v6)
	}
}
