package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/credentials"
	"github.com/redis-chaos/redis-chaos/compose/local/networks"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
	"github.com/redis-chaos/redis-chaos/compose/news"
	"github.com/redis-chaos/redis-chaos/compose/software"
)

// removeTimeout bounds a removal that must happen although ctx has ended.
const removeTimeout = 30 * time.Second

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
	if o.Access.TLS != nil {
		if err := o.program.CheckTLS(ctx); err != nil {
			return nil, err
		}
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
	wanted := o.deployment(e.Made, server)
	c := newCluster(e, server, o, wanted)
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
	o.Progress(fmt.Sprintf("starting %d servers of %s (%s)", len(c.nodes), server, o.Mode.words()))
	if err := startAll(ctx, c, wanted); err != nil {
		return nil, compose.ExplainRefusal(err, o.Config)
	}
	o.Progress("joining the nodes into a cluster")
	nodes := c.Nodes()
	if err := compose.Bootstrap(ctx, c, nodes, o.Masters); err != nil {
		return nil, fmt.Errorf("joining the nodes into a cluster: %w", compose.ExplainRefusal(err, o.Config))
	}
	c.nodes = nodes
	if err := c.each(func(n *node) error { return n.sync(ctx) }); err != nil {
		return nil, err
	}
	return c, nil
}

// newCluster lays the nodes out; nothing is made yet.
func newCluster(e *entry, server software.Server, o Options, d compose.Deployment) *Cluster {
	l := e.Made
	c := &Cluster{entry: e, server: server, program: o.program.Path, config: d.EffectiveConfig(), access: o.Access, news: news.New(), byName: map[string]*node{}, dial: map[string]string{}}
	for _, own := range []string{"dir", "port", "tls-port", "bind"} {
		delete(c.config, own) // each node has its own
	}
	for i, p := range d.Nodes() {
		addr, dialled := "", ""
		n := &node{name: p.Name, dir: l.folder(p.Name), data: l.data(p.Name), diskServer: o.DiskServer, news: c.news, token: make(chan struct{}, 1)}
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
		c.nodes = append(c.nodes, compose.Node{Name: p.Name, Addr: addr, Announced: addr, ClientAddr: dialled, HostAddr: dialled, Zone: p.Zone})
		c.dial[addr], c.dial[fmt.Sprintf("%s:%d", p.Name, redisPort)] = dialled, dialled
	}
	return c
}

// startAll makes the folders and the networks, starts every node, and waits until
// all of them answer.
func startAll(ctx context.Context, c *Cluster, d compose.Deployment) error {
	l := c.entry.Made
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return fmt.Errorf("making the run folder: %w", explainFolder(err))
	}
	shared, err := sharedConf(d)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(l.Dir, confName), shared, 0o644); err != nil {
		return fmt.Errorf("writing to the run folder: %w", explainFolder(err))
	}
	if l.Access != "" {
		if err := credentials.Write(l.Access, d.Access.Files()); err != nil {
			return err
		}
	}
	if l.Mode == Isolated {
		var peers []netip.Addr
		for _, p := range d.Nodes() {
			peers = append(peers, p.ClusterAddr)
		}
		if c.net, err = networks.Make(d.RunID, l.subnets(), peers); err != nil {
			return err
		}
		c.by = netdev.To(l.ClientNet.Addr().Next()) // its own address there
	}
	return c.each(func(n *node) error {
		if err := n.makeFolder(ctx); err != nil {
			return explainFolder(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.net != nil {
			var err error
			if n.net, err = c.net.Add(n.name, n.addrs); err != nil {
				return err
			}
		}
		if err := n.start(ctx); err != nil {
			return err
		}
		return awaitPing(ctx, c, n)
	})
}

func explainFolder(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: choose a folder that you can write to", err)
	}
	return err
}
