package experiment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// runtimes lists the ways to run clusters, in the order in which RuntimeAuto tries them.
func runtimes() []compose.Runtime { return []compose.Runtime{docker.Runtime{}, local.Runtime{}} }

// Runtimes lists what Options.Runtime can name.
func Runtimes() []string {
	names := []string{RuntimeAuto}
	for _, r := range runtimes() {
		names = append(names, r.Name())
	}
	return names
}

// chosen is a runtime that clusters can be deployed to.
type chosen struct {
	compose.Deployer
	name string
}

// prepare prepares the runtime that is named: where the choice is free, the first one that is
// available. What killed runs left behind there is removed first; what of it cannot be is in
// nobody's way.
func (e *experiment) prepare(ctx context.Context) (chosen, error) {
	c, err := e.choose(ctx)
	if err != nil {
		return chosen{}, err
	}
	swept, err := c.RemoveStale(ctx)
	if len(swept.Removed) > 0 {
		e.Progress("removed what killed runs had left behind: " + strings.Join(swept.Removed, ", "))
	}
	for _, left := range append(swept.Left, err) {
		e.warn(left)
	}
	return c, nil
}

func (e *experiment) choose(ctx context.Context) (chosen, error) {
	var lacking []string
	var without error // why those before are not available
	for _, r := range runtimes() {
		if e.Runtime != RuntimeAuto && e.Runtime != r.Name() {
			continue
		}
		d, err := r.Prepare(ctx, e.RedisServer)
		lacks, unavailable := compose.IsUnavailable(err)
		switch {
		case err == nil && e.standing && !stands(d):
			d.Close()
			continue
		case err == nil && e.Runtime == RuntimeAuto && !e.standing:
			e.Progress(strings.Join(append(lacking, "the nodes run "+d.Where()), ": "))
			fallthrough
		case err == nil:
			return chosen{d, r.Name()}, nil
		case e.Runtime != RuntimeAuto || !unavailable:
			return chosen{}, err
		case without == nil:
			without = err
		default:
			without = fmt.Errorf("%w; and without that: %w", without, err)
		}
		lacking = append(lacking, lacks)
	}
	if without == nil {
		return chosen{}, fmt.Errorf("no runtime %q; known: %s", e.Runtime, strings.Join(Runtimes(), ", "))
	}
	return chosen{}, without
}

// stands tells whether the clusters of a host go on without this program.
func stands(h compose.Host) bool {
	_, ok := h.(compose.Standing)
	return ok
}

// order is the cluster that the scenario wants. dir is the folder that it goes on using.
func (e *experiment) order(dir string) compose.Order {
	wanted := e.scenario.Cluster
	access := compose.Access{Debug: chaos.Needs(e.scenario, compose.Debugging)}
	if wanted.Password == scenarios.PasswordRandom {
		access.Password = rand.Text()
	}
	return compose.Order{
		RunID: e.id, Masters: wanted.Masters, Replicas: wanted.Replicas, Config: wanted.Config, Modules: wanted.Config.Modules(),
		AnnounceNames: wanted.Announce == scenarios.AnnounceHostname, DNS: wanted.DNS, Access: access,
		Image: wanted.Image, Server: e.RedisServer, Dir: dir, Ports: e.Ports, Keep: e.Keep, Progress: e.Progress, Warn: e.Warn,
	}
}

// warn tells of something that is wrong with this machine, and not with the run.
func (e *experiment) warn(err error) {
	if err != nil {
		e.Warn(err.Error())
	}
}

// removed is what is left of the error of removing a cluster once it is told what could not be
// removed: the run is over, whatever came of it.
func (e *experiment) removed(err error) error {
	if left, ok := err.(compose.LeftError); ok {
		e.warn(left)
		return nil
	}
	return err
}

// Hosts opens the hosts of all runtimes that are available, and gives why others are not.
func Hosts(ctx context.Context) (hosts []compose.Host, unavailable error, err error) {
	for _, r := range runtimes() {
		h, err := r.Open(ctx)
		switch _, lacks := compose.IsUnavailable(err); {
		case err == nil:
			hosts = append(hosts, h)
		case lacks:
			unavailable = errors.Join(unavailable, err)
		default:
			return nil, nil, errors.Join(err, CloseAll(hosts))
		}
	}
	return hosts, unavailable, nil
}

// CloseAll closes hosts.
func CloseAll(hosts []compose.Host) (err error) {
	for _, h := range hosts {
		err = errors.Join(err, h.Close())
	}
	return err
}

// Unfinished lists the runs of this process of which something may be left, by what that is:
// "containers, networks and volumes".
func Unfinished() (runs map[string][]string, err error) {
	runs = map[string][]string{}
	for _, r := range runtimes() {
		left, failed := r.Unfinished()
		err = errors.Join(err, failed)
		runs[r.Parts()] = slices.Concat(runs[r.Parts()], left)
	}
	return runs, err
}
