package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/compose/discover"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// Ask asks the servers at addresses, and those that they name, about themselves. A cluster that is not healthy is in
// Setup.Unwell; that there is none is an error.
func Ask(ctx context.Context, addrs []string, access compose.Access) (Setup, error) {
	survey := discover.Survey{Access: access, Follow: true}
	for _, addr := range addrs {
		survey.Candidates = append(survey.Candidates, discover.Candidate{Addr: addr})
	}
	var s Setup
	found, err := survey.Find(ctx)
	var unhealthy *discover.UnhealthyError
	var unformed *discover.UnformedError
	switch {
	case err == nil:
	case errors.As(err, &unhealthy):
		s.Unwell = unhealthy.Reasons
	case errors.As(err, &unformed):
		s.Unwell = []string{unformed.Error()}
	default:
		return s, err
	}
	all, err := viewed(ctx, survey.Candidates, access)
	if err != nil {
		return s, err
	}
	s.Nodes = make([]Node, len(all))
	compose.AtOnce(len(all), func(i int) error {
		at := discover.Candidate{Addr: all[i].Addr}
		if found != nil {
			at = reachedAt(found, all[i].ID, at)
		}
		s.Nodes[i] = askNode(ctx, all[i], at, access)
		return nil
	})
	return s, ctx.Err()
}

// reachedAt is where a node was reached that is among those found.
func reachedAt(found *discover.Cluster, id string, otherwise discover.Candidate) discover.Candidate {
	i := slices.IndexFunc(found.Nodes, func(n discover.Node) bool { return n.ID == id })
	if i < 0 {
		return otherwise
	}
	at := found.Nodes[i].At
	at.Name = found.Nodes[i].Name
	return at
}

// viewed is the nodes that the candidates know, as the first of them that answers sees each.
func viewed(ctx context.Context, candidates []discover.Candidate, access compose.Access) (all []view.Node, err error) {
	views := make([]view.View, len(candidates))
	errs := compose.AtOnce(len(candidates), func(i int) error {
		c := discover.Client(candidates[i], access)
		defer c.Close()
		var err error
		views[i], err = view.Fetch(ctx, c)
		return err
	})
	for i, v := range views {
		for _, n := range v.Nodes {
			if n.Myself && (n.Addr == "" || n.Addr[0] == ':') { // it has not been told its address yet
				n.Addr = candidates[i].Addr
			}
			known := slices.ContainsFunc(all, func(o view.Node) bool { return o.ID == n.ID })
			if !known && n.Flag != "handshake" && n.Flag != "noaddr" {
				all = append(all, n)
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil
}

// askNode asks a node for its configuration, and looks whether it can be reached where it announces to be.
func askNode(ctx context.Context, seen view.Node, at discover.Candidate, access compose.Access) Node {
	n := Node{Name: at.Name, Config: Config{}, Live: &Live{ID: seen.ID, Replica: !seen.Master, Master: seen.OfID, Announced: seen.Addr, Bus: seen.Bus}}
	if n.Name == "" {
		n.Name = seen.Addr
	}
	for _, r := range seen.Slots {
		n.Live.Slots += r.Last - r.First + 1
	}
	n.Live.Unreached = unreached(ctx, seen)
	c := discover.Client(at, access)
	defer c.Close()
	command := view.ServerCommand()
	if text, err := c.Do(ctx, command[0], command[1]).Text(); err == nil {
		server := view.ParseServer(text)
		n.Live.Server, n.Live.Version = server.Name, server.Version
	}
	all, err := c.ConfigGet(ctx, "*").Result()
	if err != nil {
		return n // who may not ask for it, or is not there, has no configuration to look at
	}
	for name, value := range all {
		if name == "save" && value == "" || name != "user" && value != "" {
			n.Config[directive.Modern(name)] = []string{value}
		}
	}
	return n
}

// unreached says why a node, or its bus, cannot be reached where it announces to be; "" if it can.
func unreached(ctx context.Context, n view.Node) string {
	host, _, err := net.SplitHostPort(n.Addr)
	if err != nil || host == "" {
		return fmt.Sprintf("%q is no address", n.Addr)
	}
	const patience = 2 * time.Second
	dialer := net.Dialer{Timeout: patience}
	for _, to := range []struct{ what, addr string }{{"the port", n.Addr}, {"the bus", net.JoinHostPort(host, strconv.Itoa(n.Bus))}} {
		if to.what == "the bus" && n.Bus == 0 {
			continue
		}
		conn, err := dialer.DialContext(ctx, "tcp", to.addr)
		if err != nil {
			return fmt.Sprintf("%s cannot be reached: %v", to.what, err)
		}
		conn.Close()
	}
	return ""
}
