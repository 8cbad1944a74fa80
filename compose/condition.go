package compose

import (
	"context"
	"errors"
)

// Condition is what becomes of a node at the moment, as its runtime sees it.
type Condition struct {
	// Running: its server's process is there. One that is Paused is there, too.
	Running, Paused bool
	// CPU is the share of one CPU that it is limited to; 0 is no limit.
	CPU float64
	// Off is the networks that it has been taken off.
	Off []Network
}

// Conditions is how nodes are looked at.
type Conditions interface {
	// Condition looks at a node. ErrVanished is in the chain of the error that there is none by now.
	Condition(ctx context.Context, node string) (Condition, error)
	// Shapes lists the names of the rules that stand where a node's packets pass, whichever process has
	// had them stand. There are none where the node has no network of its own at the moment.
	Shapes(ctx context.Context, node string) ([]string, error)
}

// ErrVanished is in the chain of the error of doing something to a node that somebody else has
// removed: nothing can be done to it any more.
var ErrVanished = errors.New("somebody else has removed it")
