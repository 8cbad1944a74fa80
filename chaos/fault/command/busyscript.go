package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// BusyScript has a script run on the server that does not end: nothing is answered, and after
// busy-reply-threshold clients are told BUSY. Healing kills it.
type BusyScript struct {
	chaos.Selector `yaml:",inline"`
}

func (kinds) BusyScript() chaos.Fault { return &BusyScript{} }

var (
	_ scenarios.Commander = (*BusyScript)(nil)
)

// endless is a script that writes nothing, so that SCRIPT KILL ends it.
const endless = "while true do end"

// killPatience is how long healing waits for a server to hear SCRIPT KILL: it does so only once
// busy-reply-threshold, by default 5 s, is over.
const killPatience = 20 * time.Second

// Commands implements scenarios.Commander.
func (b *BusyScript) Commands() []string { return []string{"EVAL", "SCRIPT"} }

// Detail implements chaos.Detailed.
func (b *BusyScript) Detail() string { return "EVAL of an endless loop" }

// Holds implements scenarios.Holding.
func (b *BusyScript) Holds() []string { return []string{"event loop"} }

// Past implements chaos.Affecting.
func (b *BusyScript) Past() string { return "kept busy by a script" }

// Effects implements chaos.Affecting.
func (b *BusyScript) Effects() []record.Effect { return []record.Effect{record.Blocks} }

// Inject implements chaos.Fault. It returns when the command is sent, to a server that has just answered
// one.
func (b *BusyScript) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	if err := start(ctx, c, node, "PING", "+PONG", "EVAL \""+endless+"\" 0"); err != nil {
		return fmt.Errorf("EVAL to %s: %w", node, err)
	}
	return nil
}

// Heal implements chaos.Fault: it asks again until the server hears it, and answers that none is running
// by then. One that was started anew since has none.
func (b *BusyScript) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), killPatience)
	defer client.Close()
	for {
		_, err := doBy(ctx, client, node, "SCRIPT", "KILL")
		var answer redis.Error
		if errors.As(err, &answer) && strings.HasPrefix(answer.Error(), "NOTBUSY") {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
