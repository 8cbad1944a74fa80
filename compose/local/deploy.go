package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

// Options say what is deployed, and where.
type Options struct {
	RunID    string
	Masters  int
	Replicas int // per master
	// Config holds redis.conf directives on top of the shared ones, each with its lines'
	// arguments.
	Config map[string][]string
	// Access is what the servers let clients do.
	Access compose.Access
	// Server is the redis-server or valkey-server binary, or the folder that one was unpacked
	// to; "" is the one on PATH.
	Server string
	// Dir is the run's folder. It receives a folder a node, with its data,
	// nodes.conf and log.
	Dir string
	// Mode is DetectMode's if it is not given.
	Mode Mode
	// FirstPort is where the search for free ports begins in unprivileged mode; 0
	// is 17000.
	FirstPort int
	// Keep leaves the nodes' folders when the cluster is removed.
	Keep bool
	// Progress is told what happens, a line at a time; it may be nil.
	Progress func(string)

	program software.Program
}

const (
	// removeTimeout bounds a removal that must happen although ctx has ended.
	removeTimeout = 30 * time.Second
	// pingTimeout bounds the wait for a server that runs to answer.
	pingTimeout = 30 * time.Second
)

// complete checks the options and fills in what is left out.
func (o Options) complete() (Options, error) {
	if !validRunID.MatchString(o.RunID) {
		return o, fmt.Errorf("run id %q: letters, digits, _, . and - can be in it, the first one a letter or a digit", o.RunID)
	}
	if o.Dir == "" {
		return o, errors.New("no run folder given")
	}
	switch o.Mode {
	case "":
		o.Mode = DetectMode()
	case Unprivileged, Isolated:
	default:
		return o, fmt.Errorf("unknown mode %q; known: %s, %s", o.Mode, Unprivileged, Isolated)
	}
	if o.FirstPort == 0 {
		o.FirstPort = defaultFirstPort
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	var err error
	o.program, err = software.FindProgram(o.Server)
	return o, err
}

// Deploy starts the servers and joins them into a cluster. When it fails, it
// removes what it made.
func Deploy(ctx context.Context, o Options) (_ *Cluster, err error) {
	o, err = o.complete()
	if err != nil {
		return nil, err
	}
	server, err := o.program.AskVersion(ctx)
	if err != nil {
		return nil, err
	}
	executable, err := o.program.Executable()
	if err != nil {
		return nil, err
	}
	j, err := openJournal()
	if err != nil {
		return nil, err
	}
	nets, release, err := o.reserveSubnets()
	if err != nil {
		return nil, err
	}
	defer release()
	e, err := j.Register(o.RunID, func(others []item) (layout, error) { return o.plan(executable, nets, others) })
	if err != nil {
		return nil, err
	}
	c := newCluster(e, server, o)
	defer func() {
		if err != nil {
			if ended := compose.Ended(ctx); ended != nil { // whatever else it brought about
				err = ended
			}
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
			defer cancel()
			err = errors.Join(err, c.Down(clean))
		}
	}()
	o.Progress(fmt.Sprintf("starting %d servers of %s (%s mode)", len(c.nodes), server, o.Mode))
	if err := c.start(ctx, o); err != nil {
		return nil, compose.ExplainRefusal(err, o.Config)
	}
	o.Progress("joining the nodes into a cluster")
	nodes := c.Nodes()
	if err := compose.Bootstrap(ctx, c, nodes, o.Masters); err != nil {
		return nil, fmt.Errorf("joining the nodes into a cluster: %w", compose.ExplainRefusal(err, o.Config))
	}
	c.nodes = nodes
	return c, nil
}

// newCluster lays the nodes out; nothing is made yet.
func newCluster(e *entry, server software.Server, o Options) *Cluster {
	l := e.Made
	d := o.deployment(l, server)
	c := &Cluster{entry: e, server: server, program: o.program.Path, config: d.EffectiveConfig(), access: o.Access, news: newNews(), byName: map[string]*node{}, dial: map[string]string{}}
	for _, own := range []string{"dir", "port", "bind"} {
		delete(c.config, own) // each node has its own
	}
	for i, p := range d.Nodes() {
		addr, dialled := "", ""
		n := &node{name: p.Name, dir: l.folder(p.Name), news: c.news, token: make(chan struct{}, 1)}
		n.token <- struct{}{}
		if l.Mode == Isolated {
			addr, dialled = address(p.ClusterAddr, redisPort), address(p.ClientAddr, redisPort)
			n.addrs = map[compose.Network]netip.Addr{compose.ClientNetwork: p.ClientAddr, compose.ClusterNetwork: p.ClusterAddr}
			n.file, n.argv = o.program.Command(arguments(l, p, d, redisPort, netip.IPv4Unspecified(), p.ClusterAddr)...)
		} else {
			localhost := netip.AddrFrom4([4]byte{127, 0, 0, 1})
			addr = address(localhost, l.Ports[i])
			dialled = addr
			n.file, n.argv = o.program.Command(arguments(l, p, d, l.Ports[i], localhost, localhost)...)
		}
		c.byName[p.Name] = n
		c.nodes = append(c.nodes, compose.Node{Name: p.Name, Addr: addr, Announced: addr, ClientAddr: dialled, HostAddr: dialled})
		c.dial[addr], c.dial[fmt.Sprintf("%s:%d", p.Name, redisPort)] = dialled, dialled
	}
	return c
}

func (o Options) deployment(l layout, server software.Server) compose.Deployment {
	return compose.Deployment{
		RunID: o.RunID, Masters: o.Masters, Replicas: o.Replicas, Config: o.Config,
		Access:           o.Access.For(server.Version),
		AnnounceHostname: compose.AnnouncesHostname(server.Version),
		ClientNet:        l.ClientNet, ClusterNet: l.ClusterNet,
	}
}

func address(ip netip.Addr, port int) string {
	return netip.AddrPortFrom(ip, uint16(port)).String()
}

// arguments are those of a node's server: the shared redis.conf, and what is the
// node's own. A server must not leave for the background or log elsewhere, or it
// could not be watched.
func arguments(l layout, p compose.Planned, d compose.Deployment, port int, bind, announce netip.Addr) []string {
	args := []string{filepath.Join(l.Dir, confName),
		"--port", strconv.Itoa(port), "--bind", bind.String(), "--dir", l.folder(p.Name),
		"--cluster-announce-ip", announce.String(), "--daemonize", "no", "--supervised", "no", "--logfile", ""}
	if d.AnnounceHostname {
		args = append(args, "--cluster-announce-hostname", p.Name)
	}
	return args
}

// start makes the folders and the networks, starts every node, and waits until
// all of them answer.
func (c *Cluster) start(ctx context.Context, o Options) error {
	l := c.entry.Made
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return fmt.Errorf("making the run folder: %w", explainFolder(err))
	}
	d := o.deployment(l, c.server)
	shared, err := sharedConf(d)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(l.Dir, confName), shared, 0o644); err != nil {
		return fmt.Errorf("writing to the run folder: %w", explainFolder(err))
	}
	if l.Mode == Isolated {
		var peers []netip.Addr
		for _, p := range d.Nodes() {
			peers = append(peers, p.ClusterAddr)
		}
		if c.net, err = newIsolation(o.RunID, l, peers); err != nil {
			return err
		}
		c.by = compose.InterfaceTo(l.ClientNet.Addr().Next()) // its own address there
	}
	return c.each(func(n *node) error {
		if err := n.makeFolder(); err != nil {
			return explainFolder(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.net != nil {
			n.net = c.net
			if err := c.net.addNode(n.name, n.addrs); err != nil {
				return err
			}
		}
		if err := n.start(ctx); err != nil {
			return err
		}
		return c.awaitPing(ctx, n)
	})
}

// sharedConf is the deployment's redis.conf without dir, which the server obeys
// on reading it, whatever a later line or the command line says.
func sharedConf(d compose.Deployment) (conf []byte, err error) {
	whole, err := d.RedisConf()
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(whole) {
		if !bytes.HasPrefix(line, []byte("dir ")) {
			conf = append(conf, line...)
		}
	}
	return conf, nil
}

func explainFolder(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: choose a folder that you can write to", err)
	}
	return err
}

// awaitPing waits until a node answers. A server that ended in the meantime is an
// error that carries its last words.
func (c *Cluster) awaitPing(ctx context.Context, n *node) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	for {
		err := c.ping(ctx, n)
		if err == nil || compose.RefusedBy(err) != "" {
			return err
		}
		if err := n.check(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer to PING within %s: %w", pingTimeout, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// ping wants an answer, without a client that would complain of the servers that
// don't answer yet.
func (c *Cluster) ping(ctx context.Context, n *node) error {
	const patience = time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := compose.DialInline(ctx, c, fmt.Sprintf("%s:%d", n.name, redisPort))
	if err != nil {
		return err
	}
	defer conn.Close()
	answer, err := conn.Ask("PING")
	if err != nil {
		return err
	}
	if refused, ok := strings.CutPrefix(answer, "-"); ok {
		return compose.Answer(refused)
	}
	if answer != "+PONG" {
		return fmt.Errorf("it answered %q", answer)
	}
	return nil
}
