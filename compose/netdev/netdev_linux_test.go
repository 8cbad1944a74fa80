package netdev

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

// Where a process may not bind to an interface, it binds to its address.
func TestBindToAddr(t *testing.T) {
	for addr, want := range map[string]error{"127.0.0.1": nil, "192.0.2.77": syscall.EADDRNOTAVAIL} {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := bindToAddr(fd, netip.MustParseAddr(addr)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", addr, err, want)
		}
		syscall.Close(fd)
	}
}

// BenchmarkDial tells what binding to an interface adds to a dial.
func BenchmarkDial(b *testing.B) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	for name, by := range map[string]Device{"any": {}, "bound": To(netip.MustParseAddr("127.0.0.1"))} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				conn, err := by.Dial(b.Context(), "tcp", l.Addr().String(), 0)
				if err != nil {
					b.Fatal(err)
				}
				conn.Close()
			}
		})
	}
}
