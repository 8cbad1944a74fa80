package scenarios

import "github.com/redis-chaos/redis-chaos/compose/slots"

// Brought is how a scenario names a cluster of the user's, which the tool finds and does not deploy. The zero value is
// that the cluster is the tool's own.
type Brought struct {
	// Compose is the path of the user's compose file, in a scenario relative to its own folder.
	Compose string `yaml:"compose"`
	// Project is the name of the Compose project; empty leaves it to Compose.
	Project string `yaml:"project"`
	// Services are those whose containers may run servers of the cluster; none is for all.
	Services []string `yaml:"services"`
	// Up has the project started for the run, and what was started removed after it. Otherwise it is to run already.
	Up bool `yaml:"up,omitempty"`
	// Bootstrap has lone empty nodes joined into a cluster of Masters and Replicas.
	Bootstrap bool `yaml:"bootstrap,omitempty"`
	// Addrs are addresses, as host:port, of some nodes of a cluster that runs already.
	Addrs []string `yaml:"addrs"`
	// AddressMap is where nodes are dialled, as host:port, by what they announce, for what cannot be found out.
	AddressMap map[string]string `yaml:"address_map"`
	// AllowDataLoss lets faults destroy data of the cluster that is not the run's own.
	AllowDataLoss bool `yaml:"allow_data_loss,omitempty"`
	// Found are the nodes, once they have been found.
	Found []Member `yaml:"-"`
}

// IsBrought tells whether the cluster is the user's.
func (b Brought) IsBrought() bool { return b.Compose != "" || len(b.Addrs) > 0 }

// Member is a node of a cluster as it is when a run begins.
type Member struct {
	Name string
	// Service is the Compose service that it is of; empty where there is none.
	Service string
	Shard   int
	Replica bool
	// Zone is empty in a cluster without zones.
	Zone string
	// Slots are those of the shard.
	Slots []slots.Range
}

// IsKnown tells whether it is known which nodes the cluster has. Of one that is brought, that is once it has
// been found.
func (c Cluster) IsKnown() bool { return !c.IsBrought() || c.Found != nil }

// LacksReplicas tells whether the cluster is known to have no replicas.
func (c Cluster) LacksReplicas() bool { return c.IsKnown() && c.Replicas == 0 }

// LacksShard tells whether the cluster is known not to have a shard.
func (c Cluster) LacksShard(shard int) bool { return shard < 0 || c.IsKnown() && shard >= c.Masters }

// With is the cluster once its nodes have been found.
func (c Cluster) With(found []Member) Cluster {
	c.Found, c.Masters, c.Replicas = found, 0, 0
	replicas := map[int]int{}
	for _, m := range found {
		c.Masters = max(c.Masters, m.Shard+1)
		if m.Replica {
			replicas[m.Shard]++
			c.Replicas = max(c.Replicas, replicas[m.Shard])
		}
	}
	return c
}
