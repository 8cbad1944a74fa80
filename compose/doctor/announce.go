package doctor

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

func announceChecks() []Check {
	return []Check{
		{"announced-name", "`cluster-announce-ip` with a name: servers look names up on their main thread, and all of them stall when the name of a node that is down is looked up", announcedNames},
		{"announced-loopback", "nodes that announce 127.0.0.1 and are not on the host's network: each of them means itself by it", each(announcedLoopback)},
		{"announced-port", "nodes that announce an address that is none of theirs, and whose port or bus port is not published where they announce it", announcedPorts},
		{"announced-twice", "two nodes that announce the same address and port", announcedTwice},
		{"announced-unreached", "nodes that cannot be reached from here where they announce to be, or whose bus cannot", each(announcedUnreached)},
		{"nat", "nodes that announce an address of the host: gossip and replication go through its port mapping, with another source address", nat},
	}
}

func announcedNames(s Setup) []Finding {
	var who, names []string
	for _, n := range s.Nodes {
		ip, given := n.Config.Value("cluster-announce-ip")
		if _, err := netip.ParseAddr(ip); given && ip != "" && err != nil {
			who, names = append(who, n.Name), append(names, ip)
		}
	}
	if len(who) == 0 {
		return nil
	}
	return []Finding{{Severity: Fail, Where: strings.Join(who, ", "),
		Evidence: fmt.Sprintf("cluster-announce-ip is a name (%s); when such a node is down, the servers of all nodes stop while they look it up (measured: the first suspicion after 10.3 s in place of 5.0 to 7.7 s, with cluster-node-timeout 5000)", strings.Join(slices.Compact(names), ", ")),
		Remedy:   "announce an address, by a fixed ipv4_address of the service or by leaving cluster-announce-ip out, and the name by cluster-announce-hostname (Redis 7.0)"}}
}

// announcedAddr is the address that a node is told to announce; false if there is none, or it is a name.
func announcedAddr(n Node) (netip.Addr, bool) {
	ip, _ := n.Config.Value("cluster-announce-ip")
	addr, err := netip.ParseAddr(ip)
	return addr, err == nil
}

func announcedLoopback(n Node) *Finding {
	addr, ok := announcedAddr(n)
	if !ok || !addr.IsLoopback() || n.Service == nil || n.Service.Mode == "host" {
		return nil
	}
	return &Finding{Severity: Fail, Evidence: fmt.Sprintf("cluster-announce-ip %s, and the containers have networks of their own: the others dial themselves there", addr),
		Remedy: "announce an address that is the same for nodes and clients: one of the host that containers reach, or the container's own"}
}

// foreign tells whether a node of a compose file announces an address that is not its container's.
func foreign(n Node) bool {
	addr, ok := announcedAddr(n)
	if !ok || n.Service == nil || n.Service.Mode != "" {
		return false
	}
	for _, own := range n.Service.Networks {
		if own == addr.String() {
			return false
		}
	}
	return true
}

// announcedPort is a port as announced, by a directive or as it is.
func announcedPort(c Config, name string, otherwise int) int {
	if n, ok := c.Number(name); ok && n > 0 {
		return n
	}
	return otherwise
}

func announcedPorts(s Setup) []Finding {
	return each(func(n Node) *Finding {
		if !foreign(n) {
			return nil
		}
		addr, _ := announcedAddr(n)
		port := announcedPort(n.Config, "cluster-announce-port", n.Config.port())
		bus := announcedPort(n.Config, "cluster-announce-bus-port", port+n.Config.bus()-n.Config.port())
		for _, want := range []struct {
			what         string
			outer, inner int
		}{{"port", port, n.Config.port()}, {"bus port", bus, n.Config.bus()}} {
			switch outer := n.Service.publishes(want.inner); {
			case outer == 0:
				return &Finding{Severity: Fail, Evidence: fmt.Sprintf("it announces %s, which is none of its fixed addresses, and does not publish its %s %d", addr, want.what, want.inner),
					Remedy: fmt.Sprintf(`publish it (ports: ["%d:%d"]), or announce the container's own address`, want.outer, want.inner)}
			case outer != want.outer:
				return &Finding{Severity: Fail, Evidence: fmt.Sprintf("it announces its %s as %d, and publishes it as %d", want.what, want.outer, outer),
					Remedy: fmt.Sprintf(`announce %d, by cluster-announce-port and cluster-announce-bus-port, or publish "%d:%d"`, outer, want.outer, want.inner)}
			}
		}
		return nil
	})(s)
}

func announcedTwice(s Setup) (all []Finding) {
	for _, t := range shared(s.Nodes, announcedAt) {
		all = append(all, Finding{Severity: Fail, Where: strings.Join(t.names, ", "), Evidence: fmt.Sprintf("%d nodes announce %s", len(t.names), t.key), Remedy: "announce another address or port for each"})
	}
	return all
}

// announcedAt is where a node announces to be; "" if that is its container's own address, or several servers are in that.
func announcedAt(n Node) string {
	if n.Live != nil {
		return n.Live.Announced
	}
	addr, ok := announcedAddr(n)
	if !ok || serversOf(n) > 1 {
		return ""
	}
	return net.JoinHostPort(addr.String(), strconv.Itoa(announcedPort(n.Config, "cluster-announce-port", n.Config.port())))
}

func serversOf(n Node) int {
	if n.Service == nil {
		return 1
	}
	return serversIn(n.Service)
}

func announcedUnreached(n Node) *Finding {
	if n.Live == nil || n.Live.Unreached == "" {
		return nil
	}
	return &Finding{Severity: Warn, Evidence: "it announces " + n.Live.Announced + ", and from here " + n.Live.Unreached,
		Remedy: "clients that are sent there have to reach it: announce an address that they do, publish the port and the bus port, or give chaos an address_map"}
}

func nat(s Setup) (all []Finding) {
	var names []string
	host := ""
	for _, n := range s.Nodes {
		if foreign(n) {
			addr, _ := announcedAddr(n)
			names, host = append(names, n.Name), addr.String()
		}
	}
	if len(names) < 2 {
		return nil
	}
	return []Finding{{Severity: Note, Where: "all nodes that announce an address of the host", Evidence: fmt.Sprintf("%s announce %s: what they send each other is mapped by the engine (iptables, or its userland proxy), and comes from another address than they announce", counted(len(names), "node", "nodes"), host),
		Remedy: "nothing, if it works; a cut of the containers' network then cuts clients and bus alike, and replicas are listed by the mapped address unless replica-announce-ip says another"}}
}
