package network

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// shaped is what rules do to the packets of one target. They stand under a name of their own, so that
// faults of one kind can be in force at once.
type shaped struct {
	name  string
	rules []traffic.Rule // once they stand
	since time.Time
	done  []record.Measure // once they were lifted
}

// newShaped is for one target.
func newShaped() shaped { return shaped{name: rand.Text()} }

// Needs implements chaos.Demanding.
func (s *shaped) Needs() []compose.Ability { return []compose.Ability{compose.Shaping} }

// Effects implements chaos.Affecting.
func (s *shaped) Effects() []record.Effect { return []record.Effect{record.Disturbs} }

// stand has rules stand.
func (s *shaped) stand(ctx context.Context, c chaos.Cluster, node string, rules []traffic.Rule) error {
	if err := c.Shape(ctx, node, s.name, rules); err != nil {
		return err
	}
	s.rules, s.since = rules, time.Now()
	return nil
}

// Memory implements chaos.Remembering: it is the name of the rules.
func (s *shaped) Memory() any { return &s.name }

// Healthy implements chaos.Verifying.
func (s *shaped) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	return chaos.Unshaped(ctx, c, node, s.name)
}

// By implements chaos.Enforced.
func (s *shaped) By(c chaos.Cluster, node string) string { return c.ShapedBy(node, s.name) }

// Heal implements chaos.Fault.
func (s *shaped) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	if len(s.rules) > 0 && s.done == nil {
		s.count(ctx, c, node)
	}
	return c.Shape(ctx, node, s.name, nil)
}

// countTimeout bounds what counting may take of the time that there is for healing.
const countTimeout = 2 * time.Second

// count finds out what the rules have done. That it cannot is no reason not to heal.
func (s *shaped) count(ctx context.Context, c chaos.Cluster, node string) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	done, err := c.Shaped(ctx, node, s.name)
	s.done = measures(s.rules, done, err, time.Since(s.since))
}

// Outcome implements chaos.Telling.
func (s *shaped) Outcome() *record.Outcome {
	if s.done == nil {
		return nil
	}
	return &record.Outcome{Measures: s.done}
}
