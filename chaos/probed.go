package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// probed is one node as the prober knows it.
type probed struct {
	addr  string
	probe []byte // a SET

	socket   *socket     // nil while there is none
	waiting  []time.Time // when the probes were sent that are not answered yet, in order
	dials    int         // under way
	lastDial time.Time
	row      probeRow

	// line is the last answer as it came, and parsed what it is.
	line   string
	parsed answer
}

// send sends a probe. True asks for a connection.
func (n *probed) send() (connect bool) {
	now := time.Now()
	if n.socket != nil && len(n.waiting) > 0 && now.Sub(n.waiting[0]) > probePatience {
		// What was sent after it is stuck behind it. A new connection gets through
		// as soon as the node does, an old one only when TCP tries again.
		n.lose(answer{class: "timeout"})
	}
	if n.socket != nil {
		n.waiting = append(n.waiting, now)
		if err := n.socket.send(n.probe); err != nil {
			n.lose(failure(err))
		}
	}
	if n.socket != nil || n.dials == maxDials || (n.dials > 0 && now.Sub(n.lastDial) < redialPace) {
		return false
	}
	n.dials++
	n.lastDial = now
	return true
}

// lose gives up the connection, and all probes that wait for an answer on it.
func (n *probed) lose(why answer) {
	n.socket.close()
	n.socket = nil
	for _, sent := range n.waiting {
		n.row.add(why, sent, 0)
	}
	n.waiting = n.waiting[:0]
}

// dialled takes in how an attempt to connect has ended.
func (n *probed) dialled(conn net.Conn, err error) {
	n.dials--
	if err == nil && n.socket == nil {
		n.socket, err = newSocket(conn)
	}
	if conn != nil {
		conn.Close()
	}
	if err != nil && n.socket == nil {
		n.row.add(failure(err), time.Now(), 0)
	}
}

// receive takes in the answers that are there. True: more are due.
func (n *probed) receive() (due bool) {
	if n.socket == nil || len(n.waiting) == 0 {
		return false
	}
	lines, err := n.socket.receive()
	now := time.Now()
	for len(lines) > 0 && len(n.waiting) > 0 {
		line, rest, _ := bytes.Cut(lines, []byte("\n"))
		n.row.add(n.parse(line), now, now.Sub(n.waiting[0]))
		n.waiting = append(n.waiting[:0], n.waiting[1:]...)
		lines = rest
	}
	if err != nil {
		n.lose(failure(err))
	}
	return len(n.waiting) > 0 && now.Sub(n.waiting[0]) < overdue
}

// parse is the answer that a line is. Nearly always it is the one before.
func (n *probed) parse(line []byte) answer {
	if string(line) != n.line {
		n.line = string(line)
		n.parsed = classify(strings.TrimRight(n.line, "\r"))
	}
	return n.parsed
}

// end gives the node up, and records the row that is going on.
func (n *probed) end() {
	if n.socket != nil {
		n.socket.close()
		n.socket = nil
	}
	n.row.end()
}

// answer is what a node said to a probe.
type answer struct{ class, to string }

// classify reads a reply to SET: +OK, or an error whose first word is its kind.
func classify(reply string) answer {
	if strings.HasPrefix(reply, "+") {
		return answer{class: record.ProbeAck}
	}
	words := strings.Fields(strings.TrimPrefix(reply, "-"))
	if len(words) == 0 {
		return answer{class: "error"}
	}
	a := answer{class: strings.ToLower(words[0])}
	if (a.class == "moved" || a.class == "ask") && len(words) == 3 {
		a.to = words[2]
	}
	return a
}

// failure classes what went wrong with a connection.
func failure(err error) answer {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return answer{class: "refused"}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return answer{class: "unreachable"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF):
		return answer{class: "reset"}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return answer{class: "timeout"}
	default:
		return answer{class: "error"}
	}
}

// socket is a connection that is polled by its owner, and not by Go's runtime.
type socket struct {
	file   *os.File
	fd     int
	buffer []byte // what has come of lines that are not taken yet
	filled int
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
	return &socket{file: file, fd: int(file.Fd()), buffer: make([]byte, 16<<10)}, nil
}

// send sends all of data. The few probes that can be waiting always fit into the
// socket's buffer.
func (s *socket) send(data []byte) error {
	sent, err := unix.SendmsgN(s.fd, data, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	if err == nil && sent < len(data) {
		return io.ErrShortWrite
	}
	return err
}

// receive takes the lines that have come, which are valid until the next call.
func (s *socket) receive() (lines []byte, err error) {
	n, _, err := unix.Recvfrom(s.fd, s.buffer[s.filled:], unix.MSG_DONTWAIT)
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil, nil
	case err != nil:
		return nil, err
	case n == 0:
		return nil, io.EOF
	}
	return s.take(n), nil
}

// take is the whole lines among what there is now that n more bytes have come.
func (s *socket) take(n int) (lines []byte) {
	s.filled += n
	end := bytes.LastIndexByte(s.buffer[:s.filled], '\n') + 1
	lines = bytes.Clone(s.buffer[:end])
	s.filled = copy(s.buffer, s.buffer[end:s.filled])
	return lines
}

func (s *socket) close() { s.file.Close() }
