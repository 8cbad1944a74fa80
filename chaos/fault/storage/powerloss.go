package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// PowerLoss ends the server as the power of its machine would: what it has written and not fsynced is
// gone from its files, as far as Linux had not written it back by itself, after 30 s. Which of its acked writes that are, appendfsync
// decides. Healing starts it on what is left.
type PowerLoss struct {
	chaos.Selector `yaml:",inline"`
	// Torn is whether a part of what was not fsynced is there, cut at any byte; which one, the seed decides.
	Torn bool `yaml:"torn"`

	seed uint64
	lost *disk.Loss
}

func (kinds) PowerLoss() chaos.Fault { return &PowerLoss{} }

var (
	_ chaos.Demanding = (*PowerLoss)(nil)
	_ chaos.Drawing   = (*PowerLoss)(nil)
	_ chaos.Telling   = (*PowerLoss)(nil)
)

// Needs implements chaos.Demanding.
func (p *PowerLoss) Needs() []compose.Ability { return needs() }

// Destroys implements scenarios.Destructive.
func (p *PowerLoss) Destroys() string { return "what a node has not fsynced" }

// Detail implements chaos.Detailed.
func (p *PowerLoss) Detail() string {
	if p.Torn {
		return "SIGKILL, a part of what was not fsynced dropped"
	}
	return "SIGKILL, what was not fsynced dropped"
}

// Holds implements scenarios.Holding.
func (p *PowerLoss) Holds() []string { return []string{"process"} }

// Past implements chaos.Affecting.
func (p *PowerLoss) Past() string { return "cut from power" }

// Effects implements chaos.Affecting.
func (p *PowerLoss) Effects() []record.Effect {
	return []record.Effect{record.Ends, record.Unsyncs}
}

// Drawn implements chaos.Drawing.
func (p *PowerLoss) Drawn(seed uint64) chaos.Fault {
	return &PowerLoss{Selector: p.Selector, Torn: p.Torn, seed: seed}
}

// Inject implements chaos.Fault. It is carried through though ctx ends meanwhile.
func (p *PowerLoss) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	lost, err := c.LosePower(context.WithoutCancel(ctx), node, disk.Tear{Torn: p.Torn, Seed: p.seed})
	if err != nil {
		return err
	}
	p.lost = &lost
	return nil
}

// Heal implements chaos.Fault.
func (p *PowerLoss) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	return c.Start(ctx, node)
}

// Effective implements chaos.Signed.
func (p *PowerLoss) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (p *PowerLoss) Healed() []chaos.Sign { return []chaos.Sign{{Action: compose.Started}} }

// Outcome implements chaos.Telling.
func (p *PowerLoss) Outcome() *record.Outcome {
	if p.lost == nil {
		return nil
	}
	return &record.Outcome{Text: lossText(*p.lost), LostBytes: new(p.lost.Bytes)}
}

// mostNames is how many files and changes are told by name.
const mostNames = 5

// lossText says what a power loss took: "lost 1234 bytes of appendonlydir/appendonly.aof.1.incr.aof".
func lossText(l disk.Loss) string {
	var names []string
	for _, f := range l.Files {
		name := f.Name
		if f.Kept > 0 {
			name = fmt.Sprintf("%s (%d bytes of what was not fsynced are left)", name, f.Kept)
		}
		names = append(names, name)
	}
	text := "lost nothing"
	if l.Bytes > 0 {
		text = fmt.Sprintf("lost %d bytes of %s", l.Bytes, some(names))
	}
	if len(l.Changes) > 0 {
		text += "; undone: " + some(l.Changes)
	}
	return text
}

// some are the first of many things.
func some(things []string) string {
	if more := len(things) - mostNames; more > 0 {
		things = append(slices.Clone(things[:mostNames]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(things, ", ")
}
