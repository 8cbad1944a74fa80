package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// OnDisk is the targets of a fault on the disks of nodes, and what goes wrong on that of one. It stands there under
// a name of its own, so that faults of one kind can be in force at once.
type OnDisk struct {
	chaos.Selector `yaml:",inline"`

	name string
	done *record.Measure // what it did, once it is in force; that it was counted is seen of Count and Why
}

// Needs implements chaos.Demanding.
func (d *OnDisk) Needs() []compose.Ability { return needs() }

// Effects implements chaos.Affecting.
func (d *OnDisk) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// Memory implements chaos.Remembering: whoever serves the disk ends with this process.
func (d *OnDisk) Memory() any { return nil }

func (d *OnDisk) set(ctx context.Context, c chaos.Cluster, node string, what disk.Fault) error {
	d.name = rand.Text()
	if err := c.SetDisk(ctx, node, d.name, what); err != nil {
		return err
	}
	d.done = &record.Measure{Did: record.DidFail}
	if s := what.Slow; s != nil {
		d.done.Did, d.done.Asked.Delay = record.DidSlow, new(record.InMillis(s.Delay))
		if s.Jitter > 0 {
			d.done.Asked.Jitter = new(record.InMillis(s.Jitter))
		}
	}
	return nil
}

// lift ends it.
func (d *OnDisk) lift(ctx context.Context, c chaos.Cluster, node string) error {
	if d.done != nil && d.done.Count == nil && d.done.Why == "" {
		d.count(ctx, c, node)
	}
	return c.LiftDisk(ctx, node, d.name)
}

// countTimeout bounds what counting may take of the time that there is for healing.
const countTimeout = 2 * time.Second

// count finds out what it has done. That it cannot is no reason not to heal.
func (d *OnDisk) count(ctx context.Context, c chaos.Cluster, node string) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	state, err := c.DiskState(ctx, node)
	is, stands := state.Faults[d.name]
	switch {
	case err != nil:
		d.done.Why = err.Error()
	case !stands:
		d.done.Why = "the disk forgot it before it was healed"
	case d.done.Did == record.DidSlow:
		d.done.Count = new(int64(is.Slowed))
		if is.Slowed > 0 {
			d.done.Mean = new(record.InMillis(is.Held / time.Duration(is.Slowed)))
		}
	default:
		d.done.Count = new(int64(is.Failed))
	}
}

// Outcome implements chaos.Telling.
func (d *OnDisk) Outcome() *record.Outcome {
	if d.done == nil || d.done.Count == nil && d.done.Why == "" {
		return nil
	}
	return &record.Outcome{Measures: []record.Measure{*d.done}}
}

// Heal implements chaos.Fault: it ends it, and starts the server if it has ended: a server that cannot write
// nodes.conf does, and one with appendfsync always.
func (d *OnDisk) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return errors.Join(d.lift(ctx, c, node), c.Start(ctx, node))
}

// Healthy implements chaos.Verifying.
func (d *OnDisk) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	state, err := c.DiskState(ctx, node)
	if _, stands := state.Faults[d.name]; err == nil && stands {
		err = fmt.Errorf("what is wrong with the disk of %s is in force", node)
	}
	return err
}

// needs are those of all faults of disks.
func needs() []compose.Ability { return []compose.Ability{compose.Disking} }

// checkFiles blames patterns of names that match nothing.
func checkFiles(patterns []string) error {
	for _, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" || path.IsAbs(pattern) {
			return &scenarios.FieldError{Field: "files", Msg: "pattern \"" + pattern + "\" matches no file: they are named from the data directory on; write appendonlydir/*, nodes.conf* or *.rdb"}
		}
	}
	return nil
}

// of says whose operations these are: " of nodes.conf*".
func of(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return " of " + strings.Join(files, ", ")
}
