package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// SlowCommand has a client send a slow command on a big key again and again: a SORT of a list, which it
// makes first, in a slot of the node. Nothing else is answered while one is worked off. Healing ends that
// and deletes the list.
type SlowCommand struct {
	chaos.Selector `yaml:",inline"`
	// Elements is how long the list is; a million take some 10 MB, on the node and its replicas.
	Elements int `yaml:"elements"`
	// Every is the time from the start of one to that of the next; one that takes longer is followed at once.
	Every units.Duration `yaml:"every"`

	key string // of one target
}

func (kinds) SlowCommand() chaos.Fault {
	return &SlowCommand{Elements: 1_000_000, Every: units.Duration(time.Second)}
}

var (
	_ scenarios.Commander = (*SlowCommand)(nil)
	_ chaos.Preparing     = (*SlowCommand)(nil)
	_ chaos.Sustained     = (*SlowCommand)(nil)
)

// slowPatience is how long a server may take for a slow command.
const slowPatience = time.Minute

// Check implements scenarios.FaultSpec.
func (s *SlowCommand) Check(c scenarios.Cluster) error {
	if s.SparesMasters() {
		return &scenarios.FieldError{Msg: "a replica has no slots of its own, for the list; write {role: master, shard: 0}"}
	}
	if err := s.Selector.Check(c); err != nil {
		return err
	}
	if err := scenarios.InRange("elements", s.Elements, 1000, 10_000_000, ""); err != nil {
		return err
	}
	return scenarios.InRange("every", s.Every, leastEvery, units.Duration(time.Hour), "")
}

// Commands implements scenarios.Commander.
func (s *SlowCommand) Commands() []string { return []string{"EVAL", "SORT", "UNLINK"} }

// Detail implements chaos.Detailed.
func (s *SlowCommand) Detail() string {
	return fmt.Sprintf("SORT of a list of %d, every %s", s.Elements, s.Every)
}

// Past implements chaos.Affecting.
func (s *SlowCommand) Past() string { return "sent a slow command again and again" }

// Effects implements chaos.Affecting.
func (s *SlowCommand) Effects() []record.Effect { return []record.Effect{record.Slows} }

// Prepare implements chaos.Preparing: it finds a name for the list that the node owns.
func (s *SlowCommand) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	seen, err := view.Fetch(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("asking %s for its slots: %w", node, err)
	}
	own := *s
	own.key = "redis-chaos-" + rand.Text()
	for _, n := range seen.Nodes {
		if n.Myself && len(n.Slots) > 0 {
			for i := 0; !n.Slots[0].Holds(slots.Of(own.key)); i++ {
				own.key = fmt.Sprintf("redis-chaos-%s-%d", rand.Text(), i)
			}
			return &own, nil
		}
	}
	return nil, fmt.Errorf("%s has no slots, for the list", node)
}

// Memory implements chaos.Remembering: it is the key of the list.
func (s *SlowCommand) Memory() any { return &s.key }

// lengthen appends so many random numbers to a list, of which it has RPUSH take a thousand at a time.
const lengthen = `
math.randomseed(ARGV[2])
local left = tonumber(ARGV[1])
while left > 0 do
	local some = {}
	for i = 1, math.min(left, 1000) do some[i] = math.random(1000000000) end
	redis.call('RPUSH', KEYS[1], unpack(some))
	left = left - #some
end`

// elementsAtOnce is how much longer one EVAL makes the list: it takes a server some 10 ms.
const elementsAtOnce = 20_000

// Inject implements chaos.Fault: it makes the list, and has taken hold once the first command is sent.
func (s *SlowCommand) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), patience)
	defer client.Close()
	for made := 0; made < s.Elements; made += elementsAtOnce {
		more := min(elementsAtOnce, s.Elements-made)
		if err := client.Eval(ctx, lengthen, []string{s.key}, more, made).Err(); err != nil && !errors.Is(err, redis.Nil) {
			return fmt.Errorf("making a list of %d on %s, EVAL of RPUSH: %w", s.Elements, node, err)
		}
	}
	if err := start(ctx, c, node, "PING", "+PONG", strings.Join(s.words(), " ")); err != nil {
		return fmt.Errorf("SORT to %s: %w", node, err)
	}
	return nil
}

// words is the command, of whose answer little comes.
func (s *SlowCommand) words() []string {
	return []string{"SORT", s.key, "LIMIT", strconv.Itoa(s.Elements / 2), "1"}
}

// Sustain implements chaos.Sustained. A server that is down, or has lost the slot, does nothing slowly.
func (s *SlowCommand) Sustain(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), slowPatience)
	defer client.Close()
	again := time.NewTicker(s.Every.D())
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			_, _ = doBy(ctx, client, node, s.words()...)
		}
	}
}

// Heal implements chaos.Fault: whoever has the slot by then deletes the list, once somebody has it.
func (s *SlowCommand) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	const again = 100 * time.Millisecond
	for {
		err := s.unlink(ctx, c)
		if err == nil {
			return nil
		}
		if !alarm.Sleep(ctx, again) {
			return fmt.Errorf("deleting the list of %s: %w", node, err)
		}
	}
}

// unlink deletes the list on the node that has its slot.
func (s *SlowCommand) unlink(ctx context.Context, c chaos.Cluster) error {
	var errs []error
	for _, n := range c.Nodes() {
		_, err := do(ctx, c, n.Name, "UNLINK", s.key)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
