package observe

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a connection that is polled by its owner, and not by Go's runtime. It implements transport.
type socket struct {
	file *os.File
	fd   int
	// control receives the kernel's time stamps.
	control []byte
}

// newSocket takes the socket out of a connection, which can be closed then.
func newSocket(conn net.Conn) (*socket, error) {
	c, ok := conn.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, fmt.Errorf("a connection of type %T has no socket", conn)
	}
	file, err := c.File()
	if err != nil {
		return nil, err
	}
	s := &socket{file: file, fd: int(file.Fd()), control: make([]byte, 64)}
	stampArrivals(s.fd)
	return s, nil
}

// send implements transport: data must be little enough to fit into the socket's
// buffer.
func (s *socket) send(data []byte) error {
	sent, err := unix.SendmsgN(s.fd, data, nil, nil, unix.MSG_DONTWAIT)
	if err == nil && sent < len(data) {
		return io.ErrShortWrite
	}
	return err
}

// receive implements transport, by the kernel's time stamps.
func (s *socket) receive(into []byte) (n int, at time.Time, err error) {
	n, control, _, _, err := unix.Recvmsg(s.fd, into, s.control, unix.MSG_DONTWAIT)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return 0, time.Time{}, nil
	case err != nil:
		return 0, time.Time{}, err
	case n == 0:
		return 0, time.Time{}, io.EOF
	}
	return n, arrival(s.control[:control]), nil
}

func (s *socket) close() { s.file.Close() }
