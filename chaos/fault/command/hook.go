package command

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/program"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Hook runs a command of your own on this machine, once for each target, for what only kubectl, ssh or the CLI of a
// cloud can do ([docs/hooks.md](docs/hooks.md)). Healing runs another one.
type Hook struct {
	chaos.Selector `yaml:",inline"`
	// InjectBy is the command: a string for /bin/sh, or a list of a program and its arguments.
	InjectBy aim.OneOrMore[string] `yaml:"inject"`
	// HealBy is the command that undoes it, which may be run several times; "true" if there is nothing to undo.
	HealBy aim.OneOrMore[string] `yaml:"heal"`
	// Verify is a command that fails as long as something of the fault is left.
	Verify aim.OneOrMore[string] `yaml:"verify"`
	// Timeout is how long each run of a command may take.
	Timeout units.Duration `yaml:"timeout"`
	// Effect is what it does to the server: "ends", "freezes", "cuts_off", "slows" or "disturbs".
	Effect string `yaml:"effect"`
	// Dir is the folder that the commands run in; without it that of the scenario.
	Dir string `yaml:"dir"`

	run, step        string            // which it is of
	env              map[string]string // of one target
	injected, healed string            // what the commands have printed
}

func (kinds) Hook() chaos.Fault {
	return &Hook{Timeout: units.Duration(30 * time.Second), Effect: string(record.Disturbs)}
}

var (
	_ scenarios.Placed  = (*Hook)(nil)
	_ chaos.Attributed  = (*Hook)(nil)
	_ chaos.Preparing   = (*Hook)(nil)
	_ chaos.Remembering = (*Hook)(nil)
	_ chaos.Verifying   = (*Hook)(nil)
	_ chaos.Telling     = (*Hook)(nil)
	_ chaos.Slow        = (*Hook)(nil)
	_ chaos.Manual      = (*Hook)(nil)
)

// The limits of Timeout.
const (
	leastHookTimeout = units.Duration(100 * time.Millisecond)
	mostHookTimeout  = units.Duration(10 * time.Minute)
)

// hookEffects are what Effect can be, each with what that is in the passive.
func hookEffects() map[string]string {
	return map[string]string{
		string(record.Ends): "ended by a hook", string(record.Freezes): "frozen by a hook", string(record.CutsOff): "cut off by a hook",
		string(record.Slows): "slowed down by a hook", string(record.Disturbs): "hit by a hook",
	}
}

// Check implements scenarios.FaultSpec.
func (h *Hook) Check(c scenarios.Cluster) error {
	if err := h.Selector.Check(c); err != nil {
		return err
	}
	switch {
	case len(h.InjectBy) == 0:
		return &scenarios.FieldError{Msg: `no command; write inject: "kubectl delete pod $CHAOS_NODE", or a list of a program and its arguments`}
	case len(h.HealBy) == 0:
		return &scenarios.FieldError{Msg: `no command that undoes it; write heal: "kubectl wait --for=condition=ready pod/$CHAOS_NODE", or heal: "true" if there is nothing to undo`}
	}
	if err := scenarios.OneOf("effect", h.Effect, slices.Sorted(maps.Keys(hookEffects()))...); err != nil {
		return err
	}
	return scenarios.InRange("timeout", h.Timeout, leastHookTimeout, mostHookTimeout, "")
}

// Place implements scenarios.Placed.
func (h *Hook) Place(ctx context.Context, folder string) error {
	if !filepath.IsAbs(h.Dir) {
		h.Dir = filepath.Join(folder, h.Dir)
	}
	for _, c := range []struct {
		field string
		words []string
	}{{"inject", h.InjectBy}, {"heal", h.HealBy}, {"verify", h.Verify}} {
		if err := isThere(ctx, h.Dir, c.words); err != nil {
			return &scenarios.FieldError{Field: c.field, Msg: err.Error()}
		}
	}
	return nil
}

// Detail implements chaos.Detailed.
func (h *Hook) Detail() string { return text(h.InjectBy) }

// Past implements chaos.Affecting.
func (h *Hook) Past() string { return hookEffects()[h.Effect] }

// Effects implements chaos.Affecting.
func (h *Hook) Effects() []record.Effect { return []record.Effect{record.Effect(h.Effect)} }

// Takes implements chaos.Slow.
func (h *Hook) Takes() time.Duration { return h.Timeout.D() }

// Attribute implements chaos.Attributed.
func (h *Hook) Attribute(run, step string) chaos.Fault {
	own := *h
	own.run, own.step = run, step
	return &own
}

// Prepare implements chaos.Preparing: it finds out what the commands are told of the node.
func (h *Hook) Prepare(ctx context.Context, c chaos.Cluster, node string) (chaos.Fault, error) {
	own := *h
	own.env = map[string]string{"CHAOS_RUN_ID": h.run, "CHAOS_FAULT": h.step}
	for _, n := range c.Nodes() {
		if n.Name == node {
			maps.Copy(own.env, map[string]string{
				"CHAOS_NODE": n.Name, "CHAOS_NODE_ID": n.ID, "CHAOS_ADDR": n.Addr, "CHAOS_ANNOUNCED": n.Announced, "CHAOS_CLIENT_ADDR": n.ClientAddr,
				"CHAOS_HOST_ADDR": n.HostAddr, "CHAOS_SHARD": fmt.Sprint(n.Shard), "CHAOS_ROLE": roleOf(ctx, c, node), "CHAOS_ZONE": n.Zone,
			})
		}
	}
	return &own, nil
}

// roleOf is what a node says that it is; "" if it does not answer.
func roleOf(ctx context.Context, c chaos.Cluster, node string) string {
	answer, err := do(ctx, c, node, "INFO", "replication")
	said, ok := answer.(string)
	switch {
	case err != nil || !ok:
		return ""
	case strings.Contains(said, "role:master"):
		return aim.Master
	default:
		return aim.Replica
	}
}

// Memory implements chaos.Remembering: it is what the commands are told.
func (h *Hook) Memory() any { return &h.env }

// Inject implements chaos.Fault.
func (h *Hook) Inject(ctx context.Context, _ chaos.Cluster, _ string) (err error) {
	h.injected, err = h.call(ctx, "inject", h.InjectBy)
	return err
}

// Heal implements chaos.Fault.
func (h *Hook) Heal(ctx context.Context, _ chaos.Cluster, _ string) (err error) {
	h.healed, err = h.call(ctx, "heal", h.HealBy)
	return err
}

// Healthy implements chaos.Verifying.
func (h *Hook) Healthy(ctx context.Context, _ chaos.Cluster, _ string) error {
	if len(h.Verify) == 0 {
		return nil
	}
	_, err := h.call(ctx, "verify", h.Verify)
	return err
}

// call runs a command, and is what it has printed.
func (h *Hook) call(ctx context.Context, phase string, words []string) (printed string, err error) {
	task := program.Task{Dir: h.Dir, Patience: h.Timeout.D(), Env: []string{"CHAOS_PHASE=" + phase}}
	for name, value := range h.env {
		task.Env = append(task.Env, name+"="+value)
	}
	task.Path, task.Args = calling(h.Dir, words)
	output, err := task.Run(ctx)
	if printed = tail(output); err == nil {
		return printed, nil
	}
	if printed != "" {
		err = fmt.Errorf("%w; it printed %s", err, printed)
	}
	return printed, fmt.Errorf("the %s command of the hook (%s): %w", phase, text(words), err)
}

// Outcome implements chaos.Telling.
func (h *Hook) Outcome() *record.Outcome {
	var told []string
	if h.injected != "" {
		told = append(told, "inject: "+h.injected)
	}
	if h.healed != "" {
		told = append(told, "heal: "+h.healed)
	}
	if told == nil {
		return nil
	}
	return &record.Outcome{Text: strings.Join(told, "; ")}
}

// ByCommands implements chaos.Manual.
func (h *Hook) ByCommands(compose.Node) []string {
	words := []string{"CHAOS_PHASE=heal"}
	for _, name := range slices.Sorted(maps.Keys(h.env)) {
		words = append(words, name+"="+program.Word(h.env[name]))
	}
	if len(h.HealBy) == 1 {
		words = append(words, "sh", "-c")
	}
	for _, word := range h.HealBy {
		words = append(words, program.Word(word))
	}
	return []string{"cd " + program.Word(h.Dir), strings.Join(words, " ")}
}
