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
	// Replication and Persistence are the node's word on itself.
	Replication Replication
	Persistence Persistence
}

// Node is a line of CLUSTER NODES (https://redis.io/docs/latest/commands/cluster-nodes/).
type Node struct {
	ID     string
	Addr   string // ip:port as announced
	Host   string // announced host name, if any
	Bus    int    // the port of the cluster bus, as announced
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

// Persistence is a node's INFO persistence.
type Persistence struct {
	Loading    bool // reads its data set
	Saving     bool // writes an RDB file
	Rewriting  bool // rewrites its AOF
	WriteError bool // the last write of an RDB file or of the AOF failed
}

// Commands are what Parse takes the replies of, in their order.
func Commands() [][]string {
	return [][]string{{"CLUSTER", "NODES"}, {"CLUSTER", "INFO"}, {"INFO", "replication"}, {"INFO", "persistence"}}
}

// Fetch asks one node, in one round trip.
func Fetch(ctx context.Context, c *redis.Client) (View, error) {
	pipe := c.Pipeline()
	var replies []*redis.Cmd
	for _, command := range Commands() {
		args := make([]any, len(command))
		for i, word := range command {
			args[i] = word
		}
		replies = append(replies, pipe.Do(ctx, args...))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return View{}, err
	}
	texts := make([]string, len(replies))
	for i, reply := range replies {
		texts[i], _ = reply.Text()
	}
	return Parse(texts)
}

// Parse makes a view of the replies to Commands.
func Parse(replies []string) (View, error) {
	v := View{
		State:       field(replies[1], "cluster_state"),
		Replication: ParseReplication(replies[2]),
		Persistence: Persistence{
			Loading:   field(replies[3], "loading") == "1",
			Saving:    field(replies[3], "rdb_bgsave_in_progress") == "1",
			Rewriting: field(replies[3], "aof_rewrite_in_progress") == "1",
			WriteError: field(replies[3], "rdb_last_bgsave_status") == "err" ||
				field(replies[3], "aof_last_write_status") == "err",
		},
	}
	v.SlotsAssigned, _ = strconv.Atoi(field(replies[1], "cluster_slots_assigned"))
	v.CurrentEpoch, _ = strconv.ParseInt(field(replies[1], "cluster_current_epoch"), 10, 64)
	var err error
	v.Nodes, err = ParseNodes(replies[0])
	return v, err
}

// field is the value of a field of INFO; "" if there is none.
func field(text, name string) string {
	for rest := text; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return ""
		}
		starts := i == 0 || rest[i-1] == '\n'
		rest = rest[i+len(name):]
		if starts && strings.HasPrefix(rest, ":") {
			value, _, _ := strings.Cut(rest[1:], "\n")
			return strings.TrimSuffix(value, "\r")
		}
	}
}

// part is the value of a name in name=value,…; "" if there is none.
func part(text, name string) string {
	for each := range strings.SplitSeq(text, ",") {
		if key, value, _ := strings.Cut(each, "="); key == name {
			return value
		}
	}
	return ""
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

// Flag is how the node with an id is seen; "" if it is not known.
func (v View) Flag(id string) string {
	for _, n := range v.Nodes {
		if n.ID == id {
			return n.Flag
		}
	}
	return ""
}

// Knows tells whether a node with an id is in this view.
func (v View) Knows(id string) bool { return v.Flag(id) != "" }

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
	nodes := make([]Node, 0, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		n, ok, err := parseNode(line)
		if err != nil {
			return nil, fmt.Errorf("CLUSTER NODES: %w", err)
		}
		if ok {
			nodes = append(nodes, n)
		}
	}
	return nodes, nil
}

// parseNode parses one line: id, address, flags, master, ping sent, pong
// received, epoch, link, and slots. An empty line is none.
func parseNode(line string) (n Node, ok bool, err error) {
	var fields [8]string
	rest := strings.TrimSpace(line)
	for i := range fields {
		if rest == "" {
			if i == 0 {
				return n, false, nil
			}
			return n, false, fmt.Errorf("a line of %d fields, at least 8 expected: %q", i, line)
		}
		fields[i], rest, _ = strings.Cut(rest, " ")
	}
	n = Node{ID: fields[0], LinkUp: fields[7] == "connected", Flag: "ok"}
	addr, host, _ := strings.Cut(fields[1], ",")
	var bus string
	n.Host, _, _ = strings.Cut(host, ",")
	n.Addr, bus, _ = strings.Cut(addr, "@")
	n.Bus, _ = strconv.Atoi(bus)
	for flag := range strings.SplitSeq(fields[2], ",") {
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
	if fields[3] != "-" {
		n.OfID = fields[3]
	}
	n.Epoch, _ = strconv.ParseInt(fields[6], 10, 64)
	for s := range strings.FieldsSeq(rest) {
		if strings.HasPrefix(s, "[") { // a slot being migrated or imported
			continue
		}
		r, err := parseRange(s)
		if err != nil {
			return n, false, err
		}
		n.Slots = append(n.Slots, r)
	}
	return n, true, nil
}

// parseRange parses 0-5460, or a single slot.
func parseRange(text string) (r slots.Range, err error) {
	first, last, isRange := strings.Cut(text, "-")
	if r.First, err = strconv.Atoi(first); err != nil {
		return r, fmt.Errorf("slots %q: %w", text, err)
	}
	r.Last = r.First
	if isRange {
		if r.Last, err = strconv.Atoi(last); err != nil {
			return r, fmt.Errorf("slots %q: %w", text, err)
		}
	}
	return r, nil
}

// ParseReplication parses the reply of INFO replication.
func ParseReplication(text string) Replication {
	r := Replication{Master: field(text, "role") == "master", LinkUp: field(text, "master_link_status") == "up"}
	r.Offset, _ = strconv.ParseInt(field(text, "master_repl_offset"), 10, 64)
	r.ReplOffset, _ = strconv.ParseInt(field(text, "slave_repl_offset"), 10, 64)
	for i := 0; ; i++ {
		line := field(text, "slave"+strconv.Itoa(i))
		if line == "" {
			return r
		}
		r.Replicas = append(r.Replicas, parseReplica(line))
	}
}

// parseReplica parses ip=172.30.2.14,port=6379,state=online,offset=1000,lag=0.
func parseReplica(line string) (r Replica) {
	var ip, port string
	for part := range strings.SplitSeq(line, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "ip":
			ip = value
		case "port":
			port = value
		case "state":
			r.Online = value == "online"
		case "offset":
			r.Offset, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	r.Addr = ip + ":" + port
	return r
}
