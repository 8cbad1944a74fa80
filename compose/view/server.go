package view

import (
	"cmp"
	"strconv"
)

// Server is what a server says of itself, whatever it is a part of.
type Server struct {
	// Name is "redis" or "valkey".
	Name, Version string
	// RunID is 40 hex digits, others after each start.
	RunID string
	// Mode is "cluster", "standalone" or "sentinel".
	Mode string
	// PID is the id of its process, and Port what it listens on, both as itself sees them: a container can have
	// numbers of its own. Port is the TLS port of a server without another.
	PID, Port int
}

// ServerCommand is what ParseServer takes the reply of.
func ServerCommand() []string { return []string{"INFO", "server"} }

// ParseServer parses the reply to ServerCommand.
func ParseServer(text string) Server {
	s := Server{
		Name: "redis", Version: field(text, "redis_version"), RunID: field(text, "run_id"),
		Mode: cmp.Or(field(text, "redis_mode"), field(text, "server_mode")), // Valkey's, unless extended-redis-compat is on
		PID:  int(integer(field(text, "process_id"))), Port: int(integer(field(text, "tcp_port"))),
	}
	if v := field(text, "valkey_version"); v != "" {
		s.Name, s.Version = "valkey", v
	}
	return s
}

// integer is 0 for what is none.
func integer(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
