package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker/cli"
)

// Deploy starts the deployment's containers and joins them into a cluster. The
// compose file and redis.conf are written to dir, which must outlive the
// cluster. Subnets and host ports that are taken move, as the policy says. What
// it has started when it fails is for Remove to remove.
func (r *Registration) Deploy(ctx context.Context, c cli.Command, d Deployment, dir string, ports compose.PortPolicy, progress func(string)) (*Cluster, error) {
	e := r.engine
	d.Owner, d.NetworkTag = r.entry.Made.Owner, r.networkTag
	if err := r.hold(ctx, d.Image); err != nil {
		return nil, err
	}
	// Somebody else may take a port or a subnet between the look and the start.
	for attempt := 1; ; attempt++ {
		err := r.startContainers(ctx, c, d, dir, ports, progress)
		r.underWay = err != nil && ctx.Err() != nil
		if err == nil {
			break
		}
		if !isCollision(err) || ports.Fixed || attempt == startAttempts {
			return nil, err
		}
		progress("a port or a subnet was taken in the meantime; trying others")
		if err := r.clear(ctx, true); err != nil {
			return nil, err
		}
	}
	cluster, err := e.Attach(ctx, d.RunID)
	if err != nil {
		return nil, err
	}
	cluster.run, cluster.access = r, d.Access
	if err := cluster.awaitPing(ctx); err != nil {
		return nil, compose.ExplainRefusal(err, d.Config)
	}
	progress("joining the nodes into a cluster")
	started := time.Now()
	nodes := cluster.Nodes()
	if err := compose.Bootstrap(ctx, cluster, nodes, d.Masters); err != nil {
		return nil, fmt.Errorf("joining the nodes into a cluster: %w", compose.ExplainRefusal(err, d.Config))
	}
	cluster.nodes = nodes
	if err := r.disks.settle(ctx); err != nil {
		return nil, err
	}
	cluster.formedIn = time.Since(started)
	progress(fmt.Sprintf("the cluster is formed, %d ms after its nodes answered", cluster.formedIn.Milliseconds()))
	return cluster, nil
}

// startAttempts is how often to start a deployment that collides with others.
const startAttempts = 5

// startContainers picks subnets and ports that are free and has Compose start
// the containers, while no other run of this user does so.
func (r *Registration) startContainers(ctx context.Context, c cli.Command, d Deployment, dir string, ports compose.PortPolicy, progress func(string)) error {
	e := r.engine
	done, err := compose.StartInTurn(ctx, func() { progress("waiting until another run has started its containers") })
	if err != nil {
		return err
	}
	defer done()
	subnets, release, err := compose.ReserveSubnets(d.RunID, [2]netip.Prefix{d.ClientNet, d.ClusterNet}, func() ([]netip.Prefix, error) { return e.subnets(ctx) })
	if err != nil {
		return err
	}
	defer release()
	if subnets[0] != d.ClientNet {
		progress(fmt.Sprintf("subnets %s and %s are taken; using %s and %s", d.ClientNet, d.ClusterNet, subnets[0], subnets[1]))
	}
	d.ClientNet, d.ClusterNet = subnets[0], subnets[1]
	if d.HostPorts, err = e.freePorts(ctx, d.planned(), ports); err != nil {
		return err
	}
	if first, last := d.HostPorts[0], d.HostPorts[len(d.HostPorts)-1]; last != ports.First+len(d.HostPorts)-1 {
		progress(fmt.Sprintf("some host ports from %d on are taken; using %d to %d", ports.First, first, last))
	}
	file, err := d.write(dir)
	if err != nil {
		return err
	}
	progress(fmt.Sprintf("starting %d containers of %s with %s", len(d.HostPorts), d.Image, c))
	secrets := len(d.Access.Files()) > 0
	if d.Disks || secrets || e.product.NewMACs {
		if err := c.Up(ctx, projectName(d.RunID), file, e.DaemonHost(), "--no-start"); err != nil {
			return err
		}
	}
	if d.Disks {
		if err := r.mountDisks(ctx, d); err != nil {
			return err
		}
	}
	if secrets {
		if err := e.giveAccess(ctx, d); err != nil {
			return err
		}
	}
	if e.product.NewMACs {
		return e.startWithMACs(ctx, d)
	}
	return c.Up(ctx, projectName(d.RunID), file, e.DaemonHost(), "-d")
}

// projectName is the run id as a Compose project name ([a-z0-9_-]).
func projectName(runID string) string { return "redis-chaos-" + strings.ToLower(runID) }

// write puts docker-compose.yml and redis.conf into dir.
func (d Deployment) write(dir string) (file string, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	d.ShortMount = strings.Contains(dir, ",") // Podman takes what is behind it for an option of the mount
	content, err := d.ComposeFile()
	if err != nil {
		return "", err
	}
	conf, err := d.RedisConf()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	const composeName = "docker-compose.yml"
	for name, content := range map[string][]byte{"redis.conf": conf, composeName: content} {
		// A link that is there by that name is replaced, and not followed.
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if err := root.WriteFile(name, content, 0o644); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, composeName), nil
}

// awaitPing waits until every node answers PING. A container that ended in the
// meantime is an error that carries its last words.
func (d *Cluster) awaitPing(ctx context.Context) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return compose.EachNode(d.nodes, func(i int) error {
		n := d.nodes[i]
		client := compose.DirectClient(d, n.Addr, time.Second)
		defer client.Close()
		for i := 0; ; i++ {
			err := client.Ping(ctx).Err()
			if err == nil || compose.RefusedBy(err) != "" {
				return err
			}
			if i%5 == 4 {
				if err := d.checkRunning(ctx, n); err != nil {
					return err
				}
			}
			select {
			case <-ctx.Done():
				if errors.Is(ctx.Err(), context.DeadlineExceeded) {
					return fmt.Errorf("no answer to PING within %s: %w", patience, err)
				}
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}

// checkRunning is an error with the log's last lines if the container has ended.
func (d *Cluster) checkRunning(ctx context.Context, n compose.Node) error {
	info, err := d.engine.ContainerInspect(ctx, d.containers[n.Name])
	if err != nil || info.State == nil || info.State.Status != container.StateExited {
		return nil
	}
	var last []string
	_ = newLogReader(d.engine, d.containers[n.Name], func(l compose.LogLine) {
		last = append(last[max(0, len(last)-4):], l.Text)
	}).read(ctx, false)
	return fmt.Errorf("the server ended with status %d right after its start; its last words:\n  %s",
		info.State.ExitCode, strings.Join(last, "\n  "))
}
