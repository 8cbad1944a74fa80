package scenarios

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Cluster is the cluster under test.
type Cluster struct {
	Masters  int `yaml:"masters"`  // 3 to 30
	Replicas int `yaml:"replicas"` // per master, 0 to 5
	// Zones are what the nodes are spread over, so that a master and its replicas are in different ones
	// where that is possible.
	Zones Zones  `yaml:"zones,omitempty"`
	Image string `yaml:"image"`
	// Announce is what nodes tell each other and clients to reach them by:
	// AnnounceAddress or AnnounceHostname.
	Announce string `yaml:"announce"`
	// DNS lists addresses of the name servers that nodes ask for names which the
	// runtime does not know itself; none leaves the runtime's own.
	DNS []string `yaml:"dns"`
	// Password is that of the default user, which every connection gives: Auth without a username.
	Password Secret `yaml:"password"`
	// Auth is the user that every connection is of, and TLS how all of them are over TLS; nil is that they are not.
	Auth *Auth `yaml:"auth"`
	TLS  *TLS  `yaml:"tls"`
	// Config holds redis.conf directives by name, on top of the tool's own.
	Config Config `yaml:"config"`
	// ConfigFile is a redis.conf whose directives are in Config, too, unless that has them itself.
	ConfigFile ConfigFile `yaml:"config_file"`
	// ExtraDirectives names those of Config that this program does not know and that are
	// to be let through, as only some build of the server has them.
	ExtraDirectives []string `yaml:"extra_directives,omitempty"`
	// Brought names a cluster of the user's. The rest is then of no meaning, but for Masters, which are the shards
	// that were found, and Replicas, which are those of the shard that has the most.
	Brought
}

// MarshalNode implements codec.Marshaler: of a cluster that is brought, nothing is written that is found out.
func (c Cluster) MarshalNode() (*document.Node, error) {
	n, err := codec.StructOf(&c).Encode()
	if err == nil && c.IsBrought() {
		n.Fields = slices.DeleteFunc(n.Fields, func(f document.Field) bool {
			return (f.Name == "masters" || f.Name == "replicas") && !c.Bootstrap
		})
	}
	return n, err
}

// Zones are the names of zones. In a scenario they are a list, or how many there are.
type Zones []string

// NumberedZones are so many zones, with numbers for their names.
func NumberedZones(n int) (z Zones) {
	for i := range n {
		z = append(z, fmt.Sprintf("zone-%d", i+1))
	}
	return z
}

// What Cluster.Announce can be.
const (
	AnnounceAddress  = "address"
	AnnounceHostname = "hostname"
)

// Config is redis.conf directives by name, each with the lines that it stands on: their
// arguments, as one string each. Only those of directive.OnSeveralLines have more than one.
type Config map[string][]string

// ConfigFile is a redis.conf that a scenario names. One that is written has no such file: what it says is in the
// scenario's Config.
type ConfigFile struct {
	Path string // as the scenario has it; "" for none
	// Overridden is those of its lines that do not reach the nodes, and why.
	Overridden []document.Problem
	// Modules is where it names each of the modules that it loads, by their paths.
	Modules map[string]string
}

// UnmarshalScalar implements codec.ScalarUnmarshaler.
func (f *ConfigFile) UnmarshalScalar(text string) error {
	if f.Path = text; text == "" {
		return errors.New("an empty path; leave the key out instead")
	}
	return nil
}

// MarshalNode implements codec.Marshaler.
func (ConfigFile) MarshalNode() (*document.Node, error) {
	return &document.Node{Kind: document.Mapping}, nil // which is left out
}

// Value is the arguments of a directive, of its last line; "" where it is not given.
func (c Config) Value(directive string) string {
	lines := c[directive]
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

// Modules lists the paths of the modules that the nodes are to load.
func (c Config) Modules() (paths []string) {
	for _, line := range c["loadmodule"] {
		if args, ok := directive.Split(line); ok && len(args) > 0 {
			paths = append(paths, args[0])
		}
	}
	return paths
}

// MarshalNode implements codec.Marshaler: what stands on one line needs no list.
func (c Config) MarshalNode() (*document.Node, error) {
	n := &document.Node{Kind: document.Mapping}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		lines := &document.Node{Kind: document.List}
		for _, line := range c[name] {
			lines.Items = append(lines.Items, document.StringNode(line))
		}
		if len(lines.Items) == 1 {
			lines = lines.Items[0]
		}
		n.Add(name, lines)
	}
	return n, nil
}
