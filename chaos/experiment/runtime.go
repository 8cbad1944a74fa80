package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/compose/podman"
	"github.com/redis-chaos/redis-chaos/compose/remote"
)

// runtimes lists the ways to run clusters, in the order in which RuntimeAuto tries them.
func runtimes() []compose.Runtime {
	return []compose.Runtime{
		docker.Runtime(),
		podman.Runtime(),
		local.Runtime{},
		remote.Runtime{},
	}
}

// RuntimesToTry lists the ways to run clusters, in the order in which RuntimeAuto tries them.
func RuntimesToTry() []compose.Runtime { return runtimes() }

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
// nobody's way. standing wants one whose clusters go on without this program.
func prepare(ctx context.Context, o Options, standing bool) (chosen, error) {
	c, err := choose(ctx, o, standing)
	if err != nil {
		return chosen{}, err
	}
	swept, err := RemoveStale(ctx, c)
	if len(swept.Removed) > 0 {
		o.Progress("removed what killed runs had left behind: " + strings.Join(swept.Removed, ", "))
	}
	for _, left := range append(swept.Left, err) {
		o.warn(left)
	}
	return c, nil
}

func choose(ctx context.Context, o Options, standing bool) (chosen, error) {
	var lacking []string
	var without error // why those before are not available
	for _, r := range runtimes() {
		if o.Runtime != RuntimeAuto && o.Runtime != r.Name() {
			continue
		}
		d, err := r.Prepare(ctx, o.RedisServer)
		lacks, unavailable := compose.IsUnavailable(err)
		switch {
		case err == nil && standing && !stands(d):
			d.Close()
			continue
		case err == nil && o.Runtime == RuntimeAuto && !standing:
			where := "the nodes run " + d.Where()
			if len(lacking) > 0 {
				where = strings.Join(lacking, ", ") + ": " + where
			}
			o.Progress(where)
			fallthrough
		case err == nil:
			return chosen{d, r.Name()}, nil
		case o.Runtime != RuntimeAuto || !unavailable:
			return chosen{}, err
		case without == nil:
			without = err
		default:
			without = fmt.Errorf("%w; and without that: %w", without, err)
		}
		lacking = append(lacking, lacks)
	}
	if without == nil {
		return chosen{}, fmt.Errorf("no runtime %q; known: %s", o.Runtime, strings.Join(Runtimes(), ", "))
	}
	return chosen{}, without
}

// IsLocal tells whether runs that ask for a runtime are on processes of this machine: by its name, or because
// nothing that is tried before answers.
func IsLocal(ctx context.Context, asked string) bool {
	if asked != RuntimeAuto {
		return asked == RuntimeLocal
	}
	for _, r := range runtimes() {
		if r.Name() == RuntimeLocal {
			break
		}
		h, err := r.Open(ctx)
		if err == nil {
			h.Close()
			return false
		}
	}
	return true
}

// stands tells whether the clusters of a host go on without this program.
func stands(h compose.Host) bool {
	_, ok := h.(compose.Standing)
	return ok
}

// Hosts opens the hosts of all runtimes that are available. If none of them has clusters that go on
// without this program, it gives why others are not available.
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
	if slices.ContainsFunc(hosts, stands) {
		unavailable = nil
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
