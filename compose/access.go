package compose

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Access is what the servers of a cluster let clients do, and what they want to hear of them first.
// It is the directives that say so, and the way that every connection to a node is made.
type Access struct {
	// Debug has the servers take DEBUG from anybody: from Redis 7.0 on, a directive says so.
	Debug bool
	// Username is the ACL user of every connection: of clients, replicas and probes. "" is the default user.
	Username string
	// Password is that user's; "" is none.
	Password Secret
	// Rights are the rules of the user that nodes are deployed with, on top of all keys and channels: which
	// commands it may send. None is all commands.
	Rights []string
	// TLS is what connections over TLS take; nil has them go without.
	TLS *TLS
}

// DebugDirective is the directive that lets clients send DEBUG.
const DebugDirective = "enable-debug-command"

// For is the access that servers of a version can be told of. Older ones than Redis 7.0 take DEBUG
// anyway, and do not know the directive.
func (a Access) For(of string) Access {
	a.Debug = a.Debug && !version.Older(of, "7.0.0")
	return a
}

// user is who connections are.
func (a Access) user() string {
	if a.Username == "" {
		return directive.DefaultUser
	}
	return a.Username
}

// Dial connects to a server by an interface, within TLS if that is wanted, and says what it wants to hear first.
// What it hands out has been let in, whoever goes on to use it. Its errors say what would let it in.
func (a Access) Dial(ctx context.Context, by netdev.Device, network, addr string) (net.Conn, error) {
	among := attemptsOf(ctx)
	conn, err := by.Dial(ctx, network, addr, among.Connect)
	if err != nil {
		return nil, err
	}
	in, err := a.enterInTurn(ctx, conn, addr, among.Turns)
	if err != nil {
		conn.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Addr: conn.RemoteAddr(), Err: a.Explain(err)}
	}
	return in, nil
}

// enterInTurn is enter, in one of some turns if there is something to say.
func (a Access) enterInTurn(ctx context.Context, conn net.Conn, addr string, turns chan struct{}) (net.Conn, error) {
	if turns != nil && (a.TLS != nil || a.Password != "") {
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return a.enter(ctx, conn, addr)
}

// enter is a connection that has been let in.
func (a Access) enter(ctx context.Context, conn net.Conn, addr string) (net.Conn, error) {
	if a.TLS != nil {
		secured, err := a.TLS.handshake(ctx, conn, addr)
		if err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		conn = secured
	}
	if a.Password == "" {
		return conn, nil
	}
	if err := a.authenticate(ctx, conn); err != nil {
		return nil, fmt.Errorf("AUTH: %w", err)
	}
	return conn, nil
}

// authenticate says who this is, and reads no further than the answer to it. Only the end of
// ctx bounds the wait for a server that is frozen, as it bounds that for a connection.
func (a Access) authenticate(ctx context.Context, conn net.Conn) error {
	words := []string{"AUTH", string(a.Password)}
	if a.Username != "" {
		words = []string{"AUTH", a.Username, string(a.Password)}
	}
	var command strings.Builder
	fmt.Fprintf(&command, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&command, "$%d\r\n%s\r\n", len(word), word)
	}
	ended := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	_, err := io.WriteString(conn, command.String())
	answer, unread := readLine(conn) // a server that ends the connection may have said why
	if err == nil || isAlert(unread) {
		err = unread
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
