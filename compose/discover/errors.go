package discover

import (
	"fmt"
	"strings"
)

// UnformedError is the error of servers in cluster mode of which each is alone, and empty.
type UnformedError struct {
	// Nodes are these, in the order of the candidates, without shards.
	Nodes []Node
}

func (e *UnformedError) Error() string {
	addrs := make([]string, len(e.Nodes))
	for i, n := range e.Nodes {
		addrs[i] = n.At.Addr
	}
	return fmt.Sprintf("no cluster is formed yet: %s; `bootstrap: true` has it formed, and so does redis-cli --cluster create %s",
		counted(len(e.Nodes), "server is in cluster mode, and knows no other", "servers are in cluster mode, and each knows no other"), strings.Join(addrs, " "))
}

// UnhealthyError is the error of a cluster that is not whole, for each reason.
type UnhealthyError struct{ Reasons []string }

func (e *UnhealthyError) Error() string {
	return "the cluster is not healthy, and was left alone: " + strings.Join(e.Reasons, "; ")
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
