package compose

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
)

// Inline is a connection to a node that takes inline commands and answers in one line each. It is for
// what DirectClient cannot do: not to wait for an answer, and not to have go-redis log that a
// server which is about to start refuses connections.
type Inline struct {
	conn net.Conn
	in   *bufio.Reader
}

// mostLines is how many bytes of answers are read from an Inline.
const mostLines = 1 << 10

// DialInline connects to a node by its Addr or by what it announces. The deadline of ctx, which it
// has to have, is that of all that is asked.
func DialInline(ctx context.Context, s Servers, addr string) (*Inline, error) {
	conn, err := s.Dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		conn.Close()
		return nil, err
	}
	return &Inline{conn, bufio.NewReader(io.LimitReader(conn, mostLines))}, nil
}

// Send sends a command and waits for nothing. The server carries it out though the connection be closed.
func (i *Inline) Send(command string) error {
	_, err := fmt.Fprint(i.conn, command+"\r\n")
	return err
}

// Ask sends a command and reads the line that answers it: "+OK", "-ERR …".
func (i *Inline) Ask(command string) (answer string, err error) {
	if err := i.Send(command); err != nil {
		return "", err
	}
	answer, err = i.in.ReadString('\n')
	return strings.TrimSpace(answer), err
}

// Close closes the connection.
func (i *Inline) Close() error { return i.conn.Close() }
