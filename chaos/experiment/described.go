package experiment

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// describe asks a node of a cluster that stands what it runs, and with which of the directives that a report tells of.
// That it cannot do what the scenario needs is an error.
func (e *experiment) describe(ctx context.Context, o *Occupied) error {
	c := compose.DirectClient(o.Cluster, o.Cluster.Nodes()[0].Addr, emptyPatience)
	defer c.Close()
	text, err := c.Info(ctx, "server").Result()
	if err != nil {
		return err
	}
	server := view.ParseServer(text)
	o.Server.Name, o.Server.Version = server.Name, server.Version
	o.Config = map[string]string{}
	told := (compose.Deployment{Config: e.scenario.Cluster.Config}).EffectiveConfig()
	told[compose.DebugDirective] = ""
	for _, name := range slices.Sorted(maps.Keys(told)) {
		got, err := c.ConfigGet(ctx, name).Result()
		if err != nil {
			return fmt.Errorf("CONFIG GET %s: %w", name, err)
		}
		if value, known := got[name]; known {
			o.Config[name] = value
		}
	}
	return chaos.CheckAbilities(e.scenario, func(a compose.Ability) string {
		if set, known := o.Config[compose.DebugDirective]; a == compose.Debugging && known && set != "yes" {
			return fmt.Sprintf("the servers of %s have %s %s, which cannot be changed while they run", o.name, compose.DebugDirective, set)
		}
		return o.lacks(a)
	})
}
