package compose

import (
	"context"
	"net"

	"github.com/redis-chaos/redis-chaos/compose/version"
)

// Access is what the servers of a cluster let clients do, and what they want to hear of them first.
// It is the directives that say so, and the way that every connection to a node is made.
type Access struct {
	// Debug has the servers take DEBUG from anybody: from Redis 7.0 on, a directive says so.
	Debug bool
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
	return lines
}

// Dial connects to a node by an interface, and says what its server wants to hear first.
func (a Access) Dial(ctx context.Context, by Interface, network, addr string) (net.Conn, error) {
	return by.Dial(ctx, network, addr, 0)
}
