package docker

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// commonService is what all services have in common.
type commonService struct {
	Image       string         `yaml:"image"`
	Healthcheck healthcheck    `yaml:"healthcheck"`
	Sysctls     map[string]int `yaml:"sysctls,flow"`
	DNS         []string       `yaml:"dns,flow,omitempty"`
}

type healthcheck struct {
	Test     []string `yaml:"test,flow"`
	Interval string   `yaml:"interval"`
	Timeout  string   `yaml:"timeout"`
	Retries  int      `yaml:"retries"`
}

// service is one node.
type service struct {
	Common        alias           `yaml:"<<"`
	ContainerName string          `yaml:"container_name"`
	Hostname      string          `yaml:"hostname"`
	Command       []string        `yaml:"command"`
	Ports         []string        `yaml:"ports,flow"`
	Volumes       []any           `yaml:"volumes"` // aliases and strings
	Networks      serviceNetworks `yaml:"networks"`
	DependsOn     []string        `yaml:"depends_on,flow,omitempty"`
	Labels        yaml.MapSlice   `yaml:"labels"`
}

type serviceNetworks struct {
	Client  serviceNetwork `yaml:"redis_client_net,flow"`
	Cluster serviceNetwork `yaml:"redis_cluster_net,flow"`
}

type serviceNetwork struct {
	Address string   `yaml:"ipv4_address"`
	Aliases []string `yaml:"aliases,omitempty"`
}

type bindMount struct {
	Type     string            `yaml:"type"`
	Source   string            `yaml:"source"`
	Target   string            `yaml:"target"`
	ReadOnly bool              `yaml:"read_only"`
	Bind     map[string]string `yaml:"bind,flow"`
}

type networkEntry struct {
	Name   string        `yaml:"name"`
	IPAM   ipam          `yaml:"ipam,flow"`
	Labels yaml.MapSlice `yaml:"labels,flow"`
}

type ipam struct {
	Config []ipamConfig `yaml:"config"`
}

type ipamConfig struct {
	Subnet string `yaml:"subnet"`
}

type volumeEntry struct {
	Name   string        `yaml:"name"`
	Labels yaml.MapSlice `yaml:"labels,flow"`
}

// alias stands for what an anchor of its name holds.
type alias string

const (
	confAnchor = "conf"
	nodeAnchor = "node"
	// confTarget is where redis.conf is in every container.
	confTarget = "/usr/local/etc/redis/redis.conf"
)

// plainScalar is a string that YAML 1.1 and 1.2 read as just that without quotes, unless
// it is one of the words that scalar knows.
var plainScalar = regexp.MustCompile(`^(\./|/|--)?[A-Za-z][A-Za-z0-9_./-]*(:[A-Za-z0-9_./-]+)*$|^[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?$|^[0-9]+s$`)

// scalar writes a string as YAML. Whatever is in it, it is one value: what is not plain
// is quoted, and a $ is not for Compose to fill in.
func scalar(s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("%q is not UTF-8", s)
	}
	s = strings.ReplaceAll(s, "$", "$$")
	words := []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
	if plainScalar.MatchString(s) && !slices.Contains(words, strings.ToLower(s)) {
		return []byte(s), nil
	}
	return []byte(strconv.Quote(s)), nil // its escapes are those of YAML, too
}

// composeWriter writes a compose file from constant text and from values, which only
// ever become YAML by its encoder.
type composeWriter struct {
	out bytes.Buffer
	err error
}

func (w *composeWriter) text(format string, args ...any) { fmt.Fprintf(&w.out, format, args...) }

// values writes a struct or mapping below a key at the margin. The comments go by the
// paths of what they are about.
func (w *composeWriter) values(v any, comments yaml.CommentMap) {
	encoded, err := yaml.MarshalWithOptions(v, yaml.IndentSequence(true), yaml.WithComment(comments), yaml.CustomMarshaler(scalar),
		yaml.CustomMarshaler(func(a alias) ([]byte, error) { return []byte("*" + string(a)), nil }))
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("rendering the compose file: %w", err)
	}
	for line := range bytes.Lines(encoded) { // no scalar has a line break
		w.text("  %s", line)
	}
}

// ComposeFile renders docker-compose.yml. It expects redis.conf beside it.
func (d Deployment) ComposeFile() ([]byte, error) {
	w := &composeWriter{}
	nodes := d.planned()
	w.text(introduction, counted(d.Masters, "master"), counted(d.Replicas, "replica"), len(nodes), d.CreateArgs())
	w.text("\nx-conf: &%s\n", confAnchor)
	if d.ShortMount {
		w.values("./redis.conf:"+confTarget+":ro", nil)
	} else {
		w.values(bindMount{Type: "bind", Source: "./redis.conf", Target: confTarget, ReadOnly: true, Bind: map[string]string{"propagation": "rprivate"}}, nil)
	}
	w.text("\nx-node: &%s\n", nodeAnchor)
	w.values(commonService{
		Image:       d.Image,
		Healthcheck: healthcheck{Test: d.ping(), Interval: "5s", Timeout: "3s", Retries: 5},
		Sysctls:     map[string]int{"net.ipv4.tcp_syn_retries": 2},
		DNS:         d.DNS,
	}, yaml.CommentMap{"$.sysctls": {yaml.HeadComment(
		" A node that is cut off redis_cluster_net tries its peers by way of the other",
		" network, from an address that they cannot answer. An attempt that goes on when it",
		" is back is in the way of a new one: by default for two minutes, so for seconds.",
	)}})
	w.text("\nservices:")
	for _, n := range nodes {
		w.text("\n")
		w.values(map[string]service{n.Name: d.service(n)}, nil)
	}
	w.text("\nnetworks:\n%s", clientNetComment)
	w.values(d.network(clientNet, d.ClientNet), nil)
	w.text("%s", clusterNetComment)
	w.values(d.network(clusterNet, d.ClusterNet), nil)
	w.text("\nvolumes:\n")
	for _, n := range nodes {
		w.values(map[string]volumeEntry{n.Volume: {Name: d.Prefix + n.Volume, Labels: d.labels()}}, nil)
	}
	return w.out.Bytes(), w.err
}

// ping is the command that shows that a node is up. One that wants to know who asks answers that, which does.
func (d Deployment) ping() []string {
	command := append([]string{"CMD", "redis-cli"}, d.Access.CLI(d.AccessFolder)...)
	return append(command, "ping")
}

// service is the entry of a node.
func (d Deployment) service(n planned) service {
	announced := n.ClusterAddr.String()
	cluster := serviceNetwork{Address: n.ClusterAddr.String()}
	labels := append(d.labels(), yaml.MapItem{Key: NodeLabel, Value: n.Name})
	if n.Zone != "" {
		labels = append(labels, yaml.MapItem{Key: zoneLabel, Value: n.Zone})
	}
	if d.AnnounceNames {
		announced, cluster.Aliases = n.BusName, []string{n.BusName}
		labels = append(labels, yaml.MapItem{Key: announceLabel, Value: n.BusName})
	}
	s := service{
		Common:        nodeAnchor,
		ContainerName: d.Prefix + n.Name,
		Hostname:      n.Name,
		Command:       []string{"redis-server", confTarget, "--cluster-announce-ip", announced},
		Ports:         []string{fmt.Sprintf("127.0.0.1:%d:%d", n.HostPort, redisPort)},
		Volumes:       []any{alias(confAnchor), n.Volume + ":/data"},
		Networks:      serviceNetworks{Client: serviceNetwork{Address: n.ClientAddr.String()}, Cluster: cluster},
		Labels:        labels,
	}
	if d.AnnounceHostname {
		s.Command = append(s.Command, "--cluster-announce-hostname", n.Name)
	}
	if n.After != "" {
		s.DependsOn = []string{n.After}
	}
	return s
}

func (d Deployment) network(name string, subnet netip.Prefix) map[string]networkEntry {
	return map[string]networkEntry{name: {
		Name:   d.networkName(name),
		IPAM:   ipam{Config: []ipamConfig{{Subnet: subnet.String()}}},
		Labels: d.labels(),
	}}
}

// labels are those of everything that is deployed.
func (d Deployment) labels() yaml.MapSlice {
	labels := yaml.MapSlice{{Key: RunLabel, Value: d.RunID}}
	if d.Owner != "" {
		labels = append(labels, yaml.MapItem{Key: OwnerLabel, Value: d.Owner})
	}
	return labels
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// introduction has the numbers of masters, replicas and nodes, and the arguments that join
// these.
const introduction = `# A Redis Cluster of %s with %s each, not yet joined: starting
# these containers gives %d empty nodes. ` + "`chaos up`" + ` starts and joins them; by hand:
#
#   docker compose -f compose/docker-compose.yml up -d
#   docker exec -it redis-master-1 redis-cli --cluster create %s
#
# Rendered by ` + "`chaos`" + ` from compose/docker/composefile.go; change it there.

# Each service depends on the one before it, so that they start one after the other:
# engines before 28 can miscount the containers of a network that several join or
# leave at once, and then refuse to remove it (https://github.com/moby/moby/issues/42119).

# In full, and with the propagation that it has anyway: Compose v2 writes any other bind
# mount as source:target, which a folder with a colon in its path breaks. Podman wants just that of
# one with a comma.`

// What is to be said of the networks, in front of them.
const (
	clientNetComment = `  # Clients. Sorts before redis_cluster_net, so that it has the default gateway
  # and the published ports.
`
	clusterNetComment = "  # Gossip and replication.\n"
)
