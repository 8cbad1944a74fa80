// Package view reads what one node of a Redis Cluster says of the cluster and
// of its own replication.
package view

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// View is the cluster as one node sees it.
type View struct {
	Nodes []Node
	// State is cluster_state: "ok" or "fail".
	State string
	// SlotsAssigned of 16384.
	SlotsAssigned int
	CurrentEpoch  int64
	// Replication is the node's word on its own replication.
	Replication Replication
}

// Node is a line of CLUSTER NODES (https://redis.io/docs/latest/commands/cluster-nodes/).
type Node struct {
	ID     string
	Addr   string // ip:port as announced
	Host   string // announced host name, if any
	Myself bool
	Master bool
	Flag   string // how it is seen: "ok", "pfail", "fail", "handshake" or "noaddr"
	OfID   string // a replica's master; empty for a master
	Epoch  int64  // configEpoch; a replica shows its master's
	LinkUp bool
	Slots  []slots.Range
}

// Replication is a node's INFO replication.
type Replication struct {
	Master     bool
	Offset     int64 // master_repl_offset, in bytes
	LinkUp     bool  // a replica's master_link_status
	Replicas   []Replica
	ReplOffset int64 // a replica's slave_repl_offset, in bytes
}

// Replica is what a master says of a connected replica.
type Replica struct {
	Addr   string // ip:port
	Online bool   // state=online: past the initial sync
	Offset int64  // acknowledged replication offset, in bytes
}

// Fetch asks one node, in one round trip.
func Fetch(ctx context.Context, c *redis.Client) (View, error) {
	pipe := c.Pipeline()
	nodes := pipe.ClusterNodes(ctx)
	info := pipe.ClusterInfo(ctx)
	repl := pipe.Info(ctx, "replication")
	if _, err := pipe.Exec(ctx); err != nil {
		return View{}, err
	}
	v := View{Replication: ParseReplication(repl.Val())}
	var err error
	if v.Nodes, err = ParseNodes(nodes.Val()); err != nil {
		return View{}, err
	}
	fields := parseFields(info.Val())
	v.State = fields["cluster_state"]
	v.SlotsAssigned, _ = strconv.Atoi(fields["cluster_slots_assigned"])
	v.CurrentEpoch, _ = strconv.ParseInt(fields["cluster_current_epoch"], 10, 64)
	return v, nil
}

// Myself is the node's line about itself.
func (v View) Myself() (Node, bool) {
	for _, n := range v.Nodes {
		if n.Myself {
			return n, true
		}
	}
	return Node{}, false
}

// Owner is the master that holds a slot in this view.
func (v View) Owner(slot int) (Node, bool) {
	for _, n := range v.Nodes {
		for _, r := range n.Slots {
			if r.Holds(slot) {
				return n, true
			}
		}
	}
	return Node{}, false
}

// ParseNodes parses the reply of CLUSTER NODES.
func ParseNodes(text string) ([]Node, error) {
	var nodes []Node
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 8 {
			return nil, fmt.Errorf("CLUSTER NODES: a line of %d fields, at least 8 expected: %q", len(f), line)
		}
		n := Node{ID: f[0], LinkUp: f[7] == "connected", Flag: "ok"}
		addr, host, _ := strings.Cut(f[1], ",")
		n.Host, _, _ = strings.Cut(host, ",")
		n.Addr, _, _ = strings.Cut(addr, "@")
		for flag := range strings.SplitSeq(f[2], ",") {
			switch flag {
			case "myself":
				n.Myself = true
			case "master":
				n.Master = true
			case "fail?":
				n.Flag = "pfail"
			case "fail", "handshake", "noaddr":
				n.Flag = flag
			}
		}
		if f[3] != "-" {
			n.OfID = f[3]
		}
		n.Epoch, _ = strconv.ParseInt(f[6], 10, 64)
		for _, s := range f[8:] {
			if strings.HasPrefix(s, "[") { // a slot being migrated or imported
				continue
			}
			first, last, isRange := strings.Cut(s, "-")
			r := slots.Range{}
			var err error
			if r.First, err = strconv.Atoi(first); err != nil {
				return nil, fmt.Errorf("CLUSTER NODES: slots %q: %w", s, err)
			}
			r.Last = r.First
			if isRange {
				if r.Last, err = strconv.Atoi(last); err != nil {
					return nil, fmt.Errorf("CLUSTER NODES: slots %q: %w", s, err)
				}
			}
			n.Slots = append(n.Slots, r)
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// ParseReplication parses the reply of INFO replication.
func ParseReplication(text string) Replication {
	f := parseFields(text)
	r := Replication{Master: f["role"] == "master", LinkUp: f["master_link_status"] == "up"}
	r.Offset, _ = strconv.ParseInt(f["master_repl_offset"], 10, 64)
	r.ReplOffset, _ = strconv.ParseInt(f["slave_repl_offset"], 10, 64)
	for i := 0; ; i++ {
		line, ok := f[fmt.Sprintf("slave%d", i)]
		if !ok {
			return r
		}
		var replica Replica
		var ip, port string
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(part, "=")
			switch name {
			case "ip":
				ip = value
			case "port":
				port = value
			case "state":
				replica.Online = value == "online"
			case "offset":
				replica.Offset, _ = strconv.ParseInt(value, 10, 64)
			}
		}
		replica.Addr = ip + ":" + port
		r.Replicas = append(r.Replicas, replica)
	}
}

func parseFields(text string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}
