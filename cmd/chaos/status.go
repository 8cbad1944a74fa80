package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:      "status",
		Usage:     "show a cluster's nodes: roles, slots, epochs, links, offsets",
		ArgsUsage: "[NAME-OR-RUN-ID]",
		Description: `chaos status                what chaos up started, or the only cluster there is
chaos status --json | jq '.nodes[] | select(.role == "master")'`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "as JSON"}},
		Action: showStatus,
	}
}

// clusterStatus is the form of `chaos status --json`.
type clusterStatus struct {
	Cluster string `json:"cluster"`
	// State is ok if every node says so; degraded if every slot is served all the same,
	// and all nodes that answer say ok; else fail.
	State string `json:"state"`
	// Problems say what is not ok.
	Problems []string     `json:"problems,omitempty"`
	Nodes    []nodeStatus `json:"nodes"`
}

// nodeStatus is a node by its own word. A node that does not answer has only a
// name, an address and an error.
type nodeStatus struct {
	Name         string `json:"name"`
	Address      string `json:"address"` // on this machine
	Zone         string `json:"zone,omitempty"`
	Role         string `json:"role,omitempty"`
	Master       string `json:"master,omitempty"` // of a replica
	Slots        string `json:"slots,omitempty"`
	Epoch        int64  `json:"epoch,omitempty"`
	CurrentEpoch int64  `json:"current_epoch,omitempty"`
	State        string `json:"state,omitempty"`
	// Link is a replica's link to its master ("up" or "down"), or how many
	// replicas of a master are online ("1 online").
	Link   string `json:"link,omitempty"`
	Offset int64  `json:"offset,omitempty"` // replication offset, in bytes
	Error  string `json:"error,omitempty"`

	served int // slots
}

func showStatus(c *cli.Context) error {
	hosts, unavailable, err := experiment.Hosts(c.Context)
	if err != nil {
		return err
	}
	defer experiment.CloseAll(hosts)
	id, err := chooseCluster(c, hosts, unavailable)
	if err != nil {
		return err
	}
	cluster, err := attach(c.Context, hosts, id)
	if err != nil {
		return err
	}
	s := statusOf(c.Context, id, cluster)
	if c.Bool("json") {
		return printJSON(c.App.Writer, s)
	}
	return printStatus(c.App.Writer, s)
}

// chooseCluster is the cluster that is named, or `chaos up`'s, or the only one.
func chooseCluster(c *cli.Context, hosts []compose.Host, unavailable error) (string, error) {
	if c.Args().Len() > 1 {
		return "", usage(fmt.Errorf("chaos status shows one cluster, not %d", c.Args().Len()))
	}
	if unavailable != nil {
		return "", unavailable
	}
	if id := c.Args().First(); id != "" {
		return id, nil
	}
	_, present, err := standing(c.Context, hosts)
	if err != nil {
		return "", err
	}
	for _, id := range present {
		if id == compose.DefaultRunID || len(present) == 1 {
			return id, nil
		}
	}
	if len(present) == 0 {
		return "", fmt.Errorf("no cluster is up; `chaos up` starts one")
	}
	return "", usage(fmt.Errorf("which one? %s", strings.Join(present, ", ")))
}

// attach finds the cluster of a run on any of the hosts.
func attach(ctx context.Context, hosts []compose.Host, id string) (cluster compose.Cluster, err error) {
	for _, h := range hosts {
		s, ok := h.(compose.Standing)
		if !ok {
			continue
		}
		if cluster, err = s.Attach(ctx, id); err == nil {
			return cluster, nil
		}
	}
	return nil, err
}

func statusOf(ctx context.Context, id string, cluster compose.Cluster) clusterStatus {
	nodes := cluster.Nodes()
	s := clusterStatus{Cluster: id, State: "ok", Nodes: make([]nodeStatus, len(nodes))}
	views := make([]view.View, len(nodes))
	for i, n := range nodes {
		s.Nodes[i] = nodeStatus{Name: n.Name, Address: n.HostAddr, Zone: n.Zone}
	}
	_ = compose.EachNode(nodes, func(i int) (err error) {
		client := compose.DirectClient(cluster, nodes[i].Addr, 2*time.Second)
		defer client.Close()
		if views[i], err = view.Fetch(ctx, client); err != nil {
			s.Nodes[i].Error = err.Error()
		}
		return err
	}) // which stand with the nodes
	names := map[string]string{} // node id -> name
	for i, n := range nodes {
		if me, ok := views[i].Myself(); ok {
			names[me.ID] = n.Name
		}
	}
	for i := range nodes {
		if s.Nodes[i].Error == "" {
			s.Nodes[i].fill(views[i], names)
		}
	}
	s.judge()
	return s
}

// judge says how the cluster is, by the nodes' own words.
func (s *clusterStatus) judge() {
	served := 0
	for _, n := range s.Nodes {
		served += n.served
		switch {
		case n.Error != "":
			s.Problems = append(s.Problems, n.Name+" does not answer")
		case n.State != "ok":
			s.Problems = append(s.Problems, fmt.Sprintf("%s says that the cluster's state is %s", n.Name, n.State))
			s.State = "fail"
		case n.Link == "down":
			s.Problems = append(s.Problems, n.Name+" has no link to its master")
		}
	}
	if served != slots.Count {
		s.Problems = append(s.Problems, fmt.Sprintf("nodes that answer serve %d of %d slots", served, slots.Count))
		s.State = "fail"
	}
	if s.State == "ok" && len(s.Problems) > 0 {
		s.State = "degraded"
	}
}

func (n *nodeStatus) fill(v view.View, names map[string]string) {
	me, _ := v.Myself()
	n.State, n.Epoch, n.CurrentEpoch = v.State, me.Epoch, v.CurrentEpoch
	var ranges []string
	for _, r := range me.Slots {
		ranges = append(ranges, r.String())
		n.served += r.Last - r.First + 1
	}
	n.Slots = strings.Join(ranges, " ")
	n.Offset = v.Replication.Offset
	if me.Master {
		n.Role = "master"
		online := 0
		for _, r := range v.Replication.Replicas {
			if r.Online {
				online++
			}
		}
		n.Link = fmt.Sprintf("%d online", online)
		return
	}
	n.Role, n.Master, n.Link = "replica", names[me.OfID], "down"
	if n.Master == "" {
		n.Master = me.OfID
	}
	if v.Replication.LinkUp {
		n.Link = "up"
	}
}

func printStatus(w io.Writer, s clusterStatus) error {
	fmt.Fprintf(w, "cluster %s: %s\n", s.Cluster, s.State)
	for _, problem := range s.Problems {
		fmt.Fprintf(w, "  %s\n", visible.Line(problem))
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	zoned := slices.ContainsFunc(s.Nodes, func(n nodeStatus) bool { return n.Zone != "" })
	column := func(text string) string { // of zones, if there are any
		if !zoned {
			return ""
		}
		return text + "\t"
	}
	fmt.Fprintln(t, "NODE\tADDRESS\t"+column("ZONE")+"ROLE\tSLOTS\tEPOCH\tSTATE\tLINK\tOFFSET (bytes)")
	for _, n := range s.Nodes {
		if n.Error != "" {
			fmt.Fprintf(t, "%s\t%s\t%sdoes not answer: %s\n", n.Name, n.Address, column(n.Zone), visible.Line(n.Error))
			continue
		}
		role := n.Role
		if n.Master != "" {
			role += " of " + n.Master
		}
		fmt.Fprintf(t, "%s\t%s\t%s%s\t%s\t%d\t%s\t%s\t%d\n", n.Name, n.Address, column(n.Zone), visible.Line(role), n.Slots, n.Epoch, visible.Line(n.State), n.Link, n.Offset)
	}
	return t.Flush()
}

// openHosts opens all hosts of clusters, each of which has to be there. The caller closes them.
func openHosts(ctx context.Context) ([]compose.Host, error) {
	hosts, unavailable, err := experiment.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	if unavailable != nil {
		experiment.CloseAll(hosts)
		return nil, unavailable
	}
	return hosts, nil
}

// standing lists the runs that there is something of, and those that have nodes, of all hosts
// whose clusters go on without the program that made them.
func standing(ctx context.Context, hosts []compose.Host) (present, clusters []string, err error) {
	for _, h := range hosts {
		s, ok := h.(compose.Standing)
		if !ok {
			continue
		}
		runs, err := s.Runs(ctx)
		if err != nil {
			return nil, nil, err
		}
		up, err := s.Clusters(ctx)
		if err != nil {
			return nil, nil, err
		}
		present, clusters = append(present, runs...), append(clusters, up...)
	}
	return present, clusters, nil
}
