package process

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Kill sends the server a signal. Healing starts it again on its own data if the signal ended
// it, and has SIGCONT follow SIGSTOP.
type Kill struct {
	chaos.Selector `yaml:",inline"`
	// Signal is named as in signal(7), with or without SIG.
	Signal string `yaml:"signal"`
}

func (kinds) Kill() chaos.Fault { return &Kill{Signal: "SIGKILL"} }

// deadlySignals end a redis-server: it shuts down on SIGTERM and SIGINT, and
// writes a crash report on the signals of a crash.
func deadlySignals() []string {
	return []string{"SIGKILL", "SIGTERM", "SIGINT", "SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"}
}

// harmlessSignals do not end it; SIGSTOP freezes it until SIGCONT.
func harmlessSignals() []string {
	return []string{"SIGSTOP", "SIGCONT", "SIGHUP", "SIGPIPE"}
}

// Check implements scenarios.FaultSpec.
func (k *Kill) Check(c scenarios.Cluster) error {
	if err := k.Selector.Check(c); err != nil {
		return err
	}
	known := append(deadlySignals(), harmlessSignals()...)
	if !slices.Contains(known, k.name()) {
		return &scenarios.FieldError{Field: "signal", Msg: fmt.Sprintf("unknown signal %q; known: %s", k.Signal, strings.Join(known, ", "))}
	}
	return nil
}

func (k *Kill) name() string {
	return "SIG" + strings.TrimPrefix(strings.ToUpper(k.Signal), "SIG")
}

func (k *Kill) deadly() bool { return slices.Contains(deadlySignals(), k.name()) }

// Detail implements chaos.Detailed.
func (k *Kill) Detail() string { return k.name() }

// Holds implements scenarios.Holding: what neither ends nor freezes the process holds nothing.
func (k *Kill) Holds() []string {
	if len(k.Effects()) == 0 {
		return nil
	}
	return []string{"process"}
}

// Needs implements chaos.Demanding.
func (k *Kill) Needs() []compose.Ability {
	if k.deadly() {
		return endsProcess()
	}
	return []compose.Ability{compose.Signalling}
}

// Past implements chaos.Affecting.
func (k *Kill) Past() string {
	if k.deadly() {
		return "killed"
	}
	return "sent " + k.name()
}

// Effects implements chaos.Affecting.
func (k *Kill) Effects() []record.Effect {
	switch {
	case k.deadly():
		return []record.Effect{record.Ends}
	case k.name() == "SIGSTOP":
		return []record.Effect{record.Freezes}
	default:
		return nil
	}
}

// Inject implements chaos.Fault.
func (k *Kill) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Signal(ctx, node, k.name())
}

// Heal implements chaos.Fault.
func (k *Kill) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	switch {
	case k.deadly():
		return c.Start(ctx, node)
	case k.name() == "SIGSTOP":
		return c.Signal(ctx, node, "SIGCONT")
	default:
		return nil
	}
}

// Healthy implements chaos.Verifying. Whether SIGSTOP has a process halt is not seen.
func (k *Kill) Healthy(ctx context.Context, c chaos.Cluster, node string) error {
	if !k.deadly() {
		return nil
	}
	return chaos.ProcessRuns(ctx, c, node)
}

// Effective implements chaos.Signed.
func (k *Kill) Effective() []chaos.Sign {
	if k.deadly() {
		return []chaos.Sign{{Action: compose.Died}}
	}
	return []chaos.Sign{{Action: compose.Signalled}}
}

// Healed implements chaos.Signed.
func (k *Kill) Healed() []chaos.Sign {
	switch {
	case k.deadly():
		return []chaos.Sign{{Action: compose.Started}}
	case k.name() == "SIGSTOP":
		return []chaos.Sign{{Action: compose.Signalled}}
	default:
		return nil
	}
}
