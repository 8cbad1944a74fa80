package observe

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// transport is a connection to a node, which its owner polls.
type transport interface {
	// send sends all of data, which must be little enough to fit into the socket's buffer.
	send(data []byte) error
	// receive takes what has come, and tells when the last of it came. That nothing has come is no error.
	receive(into []byte) (n int, at time.Time, err error)
	close()
}

// newTransport takes the socket out of a connection, and closes what is left of that.
func newTransport(conn net.Conn) (transport, error) {
	secured, ok := conn.(*tls.Conn)
	if !ok {
		defer conn.Close()
		return newSocket(conn)
	}
	carrier, ok := secured.NetConn().(*compose.Carrier)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("a connection within TLS that is carried by a %T cannot be polled", secured.NetConn())
	}
	defer carrier.Conn.Close()
	below, err := newSocket(carrier.Conn)
	if err != nil {
		return nil, err
	}
	s := &securedSocket{socket: below, tls: secured, buffer: make([]byte, 16<<10)}
	carrier.By(s)
	return s, nil
}

// securedSocket is a socket with TLS on top of it. What has come is taken from the socket first, so that it has the
// kernel's time stamps, and what is within is read then.
type securedSocket struct {
	*socket
	tls    *tls.Conn
	buffer []byte
	came   []byte    // of the socket, and was not read by tls yet
	at     time.Time // when the last of it came
	more   bool      // tls may hold more than was taken
	ended  error     // of the socket
}

// send implements transport.
func (s *securedSocket) send(data []byte) error {
	_, err := s.tls.Write(data)
	return err
}

// receive implements transport.
func (s *securedSocket) receive(into []byte) (n int, at time.Time, err error) {
	if s.ended == nil {
		var got int
		if got, at, s.ended = s.socket.receive(s.buffer); got > 0 {
			s.came, s.at = append(s.came, s.buffer[:got]...), at
		} else if s.ended == nil && !s.more {
			return 0, time.Time{}, nil
		}
	}
	for n < len(into) && err == nil {
		var read int
		read, err = s.tls.Read(into[n:])
		n += read
	}
	s.more = n == len(into)
	if n > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		return n, s.at, nil // any other error comes again
	}
	return 0, time.Time{}, err
}

// Read has tls read what has come. That this is all so far is an error after which it goes on.
func (s *securedSocket) Read(p []byte) (int, error) {
	switch {
	case len(s.came) > 0:
	case s.ended != nil:
		return 0, s.ended
	default:
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, s.came)
	s.came = append(s.came[:0], s.came[n:]...)
	return n, nil
}

// Write has tls write to the socket.
func (s *securedSocket) Write(p []byte) (int, error) {
	if err := s.socket.send(p); err != nil {
		return 0, err
	}
	return len(p), nil
}
