package resource

import (
	"context"
	"fmt"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/timeshift"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Clock sets the clock of a node wrong, as its server sees it: what TIME says, and when keys expire. Clocks that count
// from the start of the machine, by which a server measures how long something takes, stay right, and so do
// those of the other nodes. Healing has it jump back to the right time.
type Clock struct {
	chaos.Selector `yaml:",inline"`
	// Ahead is how far it jumps ahead.
	Ahead units.Duration `yaml:"ahead"`
	// Behind is how far it jumps back; one of the two is given.
	Behind units.Duration `yaml:"behind"`
	// Drift is how much too fast it goes on from there, or too slow if it is behind; it is set ten times a second.
	Drift units.Percent `yaml:"drift"`

	since time.Time       // when it was set wrong, of one target
	done  *record.Measure // once it is right again
}

func (kinds) Clock() chaos.Fault { return &Clock{} }

var (
	_ chaos.Demanding = (*Clock)(nil)
	_ chaos.Preparing = (*Clock)(nil)
	_ chaos.Sustained = (*Clock)(nil)
	_ chaos.Telling   = (*Clock)(nil)
)

// Check implements scenarios.FaultSpec.
func (k *Clock) Check(c scenarios.Cluster) error {
	if err := k.Selector.Check(c); err != nil {
		return err
	}
	if (k.Ahead == 0) == (k.Behind == 0) {
		return &scenarios.FieldError{Msg: "a clock is set ahead or behind; write ahead: 1h, or behind: 1m"}
	}
	const least, most = units.Duration(time.Millisecond), units.Duration(10 * 365 * 24 * time.Hour)
	for field, d := range map[string]units.Duration{"ahead": k.Ahead, "behind": k.Behind} {
		if d == 0 {
			continue
		}
		if err := scenarios.InRange(field, d, least, most, ""); err != nil {
			return err
		}
	}
	return scenarios.InRange("drift", k.Drift, 0, 100, "")
}

// Needs implements chaos.Demanding.
func (k *Clock) Needs() []compose.Ability {
	return []compose.Ability{compose.Seeing, compose.Timeshifting}
}

// Detail implements chaos.Detailed.
func (k *Clock) Detail() string {
	text, drift := fmt.Sprintf("%s ahead", k.Ahead), "too fast"
	if k.Behind > 0 {
		text, drift = fmt.Sprintf("%s behind", k.Behind), "too slow"
	}
	if k.Drift > 0 {
		text += fmt.Sprintf(", %v %s", k.Drift, drift)
	}
	return text
}

// Past implements chaos.Affecting.
func (k *Clock) Past() string { return "given a wrong clock" }

// Effects implements chaos.Affecting.
func (k *Clock) Effects() []record.Effect { return []record.Effect{record.Disturbs, record.Shifts} }

// Prepare implements chaos.Preparing.
func (k *Clock) Prepare(context.Context, chaos.Cluster, string) (chaos.Fault, error) {
	return &Clock{Selector: k.Selector, Ahead: k.Ahead, Behind: k.Behind, Drift: k.Drift}, nil
}

// offset is what the clock is off by, now.
func (k *Clock) offset() time.Duration {
	off := (k.Ahead + k.Behind).D() + time.Duration(k.Drift.Share()*float64(time.Since(k.since)))
	if k.Behind > 0 {
		return -off
	}
	return off
}

// Memory implements chaos.Remembering: what there is to undo is seen of the process.
func (k *Clock) Memory() any { return nil }

// Holds implements scenarios.Holding.
func (k *Clock) Holds() []string { return []string{"clock"} }

// Inject implements chaos.Fault.
func (k *Clock) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	k.since = time.Now()
	pid, err := running(ctx, c, node)
	if err != nil {
		return err
	}
	return timeshift.Set(ctx, pid, k.offset())
}

// Sustain implements chaos.Sustained: the clock is the node's, so that a server that takes the place of the one before
// has it, too, once it is seen.
func (k *Clock) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	return each(ctx, c, node, func(pid int, fresh bool) error {
		if !fresh && k.Drift == 0 {
			return nil
		}
		return timeshift.Set(ctx, pid, k.offset())
	})
}

// Heal implements chaos.Fault. A server that has ended has taken its clock along.
func (k *Clock) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	if !k.since.IsZero() && k.done == nil {
		k.measure(ctx, c, node)
	}
	pid, err := c.PID(ctx, node)
	if err != nil || pid == 0 {
		return err
	}
	return timeshift.Clear(ctx, pid)
}

// askTimeout is how long a server may take to tell its time, and asks how often it is asked.
const (
	askTimeout = time.Second
	asks       = 3
)

// measure asks the server for its time, which is that of some moment between being asked and having answered.
func (k *Clock) measure(ctx context.Context, c chaos.Cluster, node string) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client := compose.DirectClient(c, compose.Address(c, node), askTimeout)
	defer client.Close()
	k.done = &record.Measure{Did: record.DidShift, Asked: record.Asked{Delay: new(record.InMillis(k.offset()))}}
	if k.Drift > 0 {
		k.done.Asked.Jitter = new(record.InMillis(time.Duration(k.Drift.Share() * float64(2*anew))))
	}
	best := askTimeout
	for range asks {
		asked := time.Now()
		says, err := client.Time(ctx).Result()
		if err != nil {
			if k.done.Mean == nil {
				k.done.Why = "TIME was not answered: " + err.Error()
			}
			return
		}
		if took := time.Since(asked); took < best {
			best = took
			k.done.Least, k.done.Most = new(record.InMillis(says.Sub(asked)-took)), new(record.InMillis(says.Sub(asked)))
			k.done.Mean = new((*k.done.Least + *k.done.Most) / 2)
		}
	}
}

// Outcome implements chaos.Telling.
func (k *Clock) Outcome() *record.Outcome {
	if k.done == nil {
		return nil
	}
	return &record.Outcome{Measures: []record.Measure{*k.done}}
}

// Healthy implements chaos.Verifying.
func (k *Clock) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	pid, err := c.PID(ctx, node)
	if err != nil || pid == 0 {
		return err
	}
	off, err := timeshift.Offset(pid)
	if err == nil && off != 0 {
		err = fmt.Errorf("the clock of %s is off by %v", node, off)
	}
	return err
}
