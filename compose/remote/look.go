package remote

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// patience is how long a server may take to answer.
const patience = 3 * time.Second

// look finds out what can be done to the nodes. fresh: they are well, and are taken as they are by now; otherwise as they
// were when they were found well.
func (c *Cluster) look(ctx context.Context, fresh bool) error {
	errs := compose.AtOnce(len(c.nodes), func(i int) error {
		n, k := c.nodes[i], &c.known.Nodes[i]
		switch {
		case fresh:
			n.settings, n.untold = c.ask(ctx, n.Node)
			return c.lookAt(ctx, n, k)
		case k.Origin != nil:
			n.here = newServer(n.Node, *k.Origin)
			return n.here.find()
		default:
			n.elsewhere = "it was no process of this machine when it was found"
			return nil
		}
	})
	return errors.Join(errs...)
}

// lookAt finds the process of a node.
func (c *Cluster) lookAt(ctx context.Context, n *node, k *known) error {
	pid, why, err := processAt(ctx, n.HostAddr, k.PID)
	if err != nil {
		return fmt.Errorf("looking for the process of %s: %w", n.Name, err)
	}
	if why != "" {
		n.elsewhere = why
		return nil
	}
	o, err := originOf(pid)
	if err != nil {
		return fmt.Errorf("looking how the process of %s was started: %w", n.Name, err)
	}
	info, err := c.info(ctx, n.Node)
	if err != nil {
		return err
	}
	o.complete(info["executable"], info["config_file"], n.settings, n.untold)
	n.here = newServer(n.Node, o)
	if path := n.settings["logfile"]; path != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join(n.settings["dir"], path)
		}
		n.log.begin(path)
	}
	k.Origin = &n.here.origin
	return n.here.find()
}

// ask asks a node for all of its directives.
func (c *Cluster) ask(ctx context.Context, n compose.Node) (map[string]string, error) {
	client := compose.DirectClient(c, n.Addr, patience)
	defer client.Close()
	settings, err := client.ConfigGet(ctx, "*").Result()
	if err != nil {
		return nil, fmt.Errorf("CONFIG GET * to %s: %w", n.Name, err)
	}
	return settings, nil
}

// info is what INFO server says.
func (c *Cluster) info(ctx context.Context, n compose.Node) (map[string]string, error) {
	client := compose.DirectClient(c, n.Addr, patience)
	defer client.Close()
	text, err := client.Info(ctx, "server").Result()
	if err != nil {
		return nil, fmt.Errorf("INFO server to %s: %w", n.Name, err)
	}
	info := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		info[name] = value
	}
	return info, nil
}

// memory is what another process needs to heal the cluster.
func (c *Cluster) memory() memory { return *c.known }

// leavePatience bounds the look at a cluster that is left.
const leavePatience = 20 * time.Second

// left looks whether the cluster is as it was found: what is not is the error.
func (c *Cluster) left(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leavePatience)
	defer cancel()
	err := compose.EachNode(c.Nodes(), func(i int) error {
		n := c.nodes[i]
		if n.here != nil {
			if is := n.here.condition(); !is.Running || is.Paused {
				return fmt.Errorf("its process does not run as it did; by hand: %s", strings.Join(n.here.byHand(), "; "))
			}
		}
		if n.settings == nil {
			return nil
		}
		now, err := c.ask(ctx, n.Node)
		if err != nil {
			return err
		}
		if changed := differences(n.settings, now); changed != nil {
			return fmt.Errorf("directives are not as they were: %s", strings.Join(changed, ", "))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("NOT LEFT AS IT WAS FOUND: %w", err)
	}
	return c.memory().forget()
}

// differences lists the directives that have other values, without those of secrets.
func differences(before, now map[string]string) (all []string) {
	for name, value := range before {
		switch {
		case now[name] == value || isOwn(name):
		case isSecret(name):
			all = append(all, name)
		default:
			all = append(all, fmt.Sprintf("%s is %q and was %q", name, now[name], value))
		}
	}
	slices.Sort(all)
	return all
}
