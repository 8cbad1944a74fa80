package doctor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func networkChecks() []Check {
	return []Check{
		{"networks", "nodes that share no network", networksApart},
		{"host-ports", "ports of the host that two services publish", portsTwice},
		{"bind", "servers that listen on the loopback interface only", each(boundToLoopback)},
	}
}

func networksApart(s Setup) []Finding {
	groups := map[string][]string{} // nodes by their networks
	var first map[string]string
	apart := false
	for _, n := range s.Nodes {
		if n.Service == nil || n.Service.Mode != "" {
			continue
		}
		names := strings.Join(slices.Sorted(maps.Keys(n.Service.Networks)), ", ")
		groups[names] = append(groups[names], n.Name)
		if first == nil {
			first = n.Service.Networks
		}
		shared := false
		for name := range n.Service.Networks {
			if _, ok := first[name]; ok {
				shared = true
			}
		}
		apart = apart || !shared
	}
	if !apart {
		return nil
	}
	var told []string
	for _, names := range slices.Sorted(maps.Keys(groups)) {
		told = append(told, fmt.Sprintf("%s on %s", strings.Join(groups[names], ", "), names))
	}
	return []Finding{{Severity: Fail, Where: "the networks", Evidence: strings.Join(told, "; "), Remedy: "put all nodes on one network: each has to reach the port and the bus port of each other"}}
}

func portsTwice(s Setup) (all []Finding) {
	if s.Project == nil {
		return nil
	}
	var by []together
	for _, service := range s.Project.Services {
		for _, p := range service.Ports {
			host := p.Host
			if host == "" || host == "0.0.0.0" {
				host = "any address"
			}
			for range service.Count {
				if p.Outer > 0 && !p.Packet {
					by = put(by, fmt.Sprintf("port %d of %s", p.Outer, host), service.Name)
				}
			}
		}
	}
	for _, t := range by {
		if len(t.names) > 1 {
			all = append(all, Finding{Severity: Fail, Where: strings.Join(slices.Compact(t.names), ", "), Evidence: fmt.Sprintf("%d containers publish %s", len(t.names), t.key), Remedy: "publish another port for each, and announce that, or none"})
		}
	}
	return all
}

func boundToLoopback(n Node) *Finding {
	bind, given := n.Config.Value("bind")
	if !given || bind == "" || n.Service != nil && n.Service.Mode == "host" || n.Live != nil {
		return nil
	}
	for _, addr := range strings.Fields(bind) {
		switch strings.TrimPrefix(addr, "-") {
		case "127.0.0.1", "::1", "localhost":
		default:
			return nil
		}
	}
	return &Finding{Severity: Fail, Evidence: "bind " + bind + ": no other container reaches the server, nor its bus", Remedy: "write bind 0.0.0.0, or leave it out and set a password"}
}
