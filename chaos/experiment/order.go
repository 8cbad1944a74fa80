package experiment

import (
	"cmp"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// order is the cluster that a scenario wants, for the run id. dir is the folder that it goes on using.
func order(s *scenarios.Scenario, o Options, id, dir string) (compose.Order, error) {
	wanted := s.Cluster
	access, err := accessOf(s, o)
	return compose.Order{
		RunID: id, Masters: wanted.Masters, Replicas: wanted.Replicas, Zones: wanted.Zones, Config: wanted.Config, Modules: modulesOf(wanted),
		AnnounceNames: wanted.Announce == scenarios.AnnounceHostname, DNS: wanted.DNS, Access: access, Shaped: chaos.Needs(s, compose.Shaping),
		Disks: chaos.Needs(s, compose.Disking),
		Image: wanted.Image, Server: o.RedisServer, Dir: dir, Ports: o.Ports, Keep: o.Keep, Progress: o.Progress, Warn: o.Warn,
	}, err
}

// brought is the cluster of the user's that a scenario names, for the run id.
func brought(s *scenarios.Scenario, o Options, id string) (compose.Brought, error) {
	named := s.Cluster
	access, err := accessTo(s)
	return compose.Brought{
		Compose: named.Compose, Project: named.Project, Services: named.Services, Up: named.Up,
		Bootstrap: named.Bootstrap, Masters: named.Masters, Replicas: named.Replicas,
		Addrs: named.Addrs, AddressMap: named.AddressMap, Access: access, RunID: id, Shaped: chaos.Needs(s, compose.Shaping),
		Progress: o.Progress, Warn: o.Warn,
	}, err
}

// modulesOf is the modules that the nodes are to load, each with where the scenario says so.
func modulesOf(c scenarios.Cluster) (all []compose.Module) {
	for _, path := range c.Config.Modules() {
		all = append(all, compose.Module{Path: path, Where: cmp.Or(c.ConfigFile.Modules[path], "cluster.config")})
	}
	return all
}
