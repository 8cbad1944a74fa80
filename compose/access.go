package compose

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Access is what the servers of a cluster let clients do, and what they want to hear of them first.
// It is the directives that say so, and the way that every connection to a node is made.
type Access struct {
	// Debug has the servers take DEBUG from anybody: from Redis 7.0 on, a directive says so.
	Debug bool
	// Password is wanted of every connection: of clients, replicas and probes. It is one word of
	// redis.conf; "" is none.
	Password string
}

// DebugDirective is the directive that lets clients send DEBUG.
const DebugDirective = "enable-debug-command"

// For is the access that servers of a version can be told of. Older ones than Redis 7.0 take DEBUG
// anyway, and do not know the directive.
func (a Access) For(of string) Access {
	a.Debug = a.Debug && !version.Older(of, "7.0.0")
	return a
}

// accessLine is a directive with the reason that is written above it; told is its value as reports
// have it.
type accessLine struct{ why, name, value, told string }

func (a Access) lines() (lines []accessLine) {
	if a.Debug {
		lines = append(lines, accessLine{"For faults that are done by DEBUG.", DebugDirective, "yes", "yes"})
	}
	if a.Password != "" {
		const why = "For the scenario's password."
		lines = append(lines, accessLine{why, "requirepass", a.Password, "(hidden)"}, accessLine{why, "masterauth", a.Password, "(hidden)"})
	}
	return lines
}

// Dial connects to a node by an interface, and says what its server wants to hear first. What it
// hands out has been let in, whoever goes on to use it.
func (a Access) Dial(ctx context.Context, by Interface, network, addr string) (net.Conn, error) {
	conn, err := by.Dial(ctx, network, addr, 0)
	if err != nil || a.Password == "" {
		return conn, err
	}
	if err := a.authenticate(ctx, conn); err != nil {
		conn.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Addr: conn.RemoteAddr(), Err: fmt.Errorf("AUTH: %w", err)}
	}
	return conn, nil
}

// authenticate says the password, and reads no further than the answer to it. Only the end of
// ctx bounds the wait for a server that is frozen, as it bounds that for a connection.
func (a Access) authenticate(ctx context.Context, conn net.Conn) error {
	ended := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	_, err := fmt.Fprintf(conn, "*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n", len(a.Password), a.Password)
	var answer string
	if err == nil {
		answer, err = readLine(conn)
	}
	switch {
	case !ended():
		return context.Cause(ctx)
	case err != nil:
		return err
	case strings.HasPrefix(answer, "-"):
		return Answer(answer[1:])
	case answer != "+OK":
		return fmt.Errorf("it answered %q", answer)
	}
	return nil
}

// readLine reads the line of a short answer byte by byte, so that what follows stays in the connection.
func readLine(conn net.Conn) (string, error) {
	const most = 256
	var line [most]byte
	for n := range line {
		if _, err := io.ReadFull(conn, line[n:n+1]); err != nil {
			return "", err
		}
		if line[n] == '\n' {
			return strings.TrimSuffix(string(line[:n]), "\r"), nil
		}
	}
	return "", fmt.Errorf("it answered a line of more than %d bytes: %q", most, line)
}
