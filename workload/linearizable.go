package workload

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// maxOps is how many operations are kept to be checked: at 64 bytes each, and as
// slices grow, less than 200 MB of them.
const maxOps = 2_000_000

// linearizableSettings are those of a workload of type linearizable.
//
// Writes: `GET`, `SET`, and a script that compares and sets. Lost: nothing; it tells whether [the
// history is linearizable](#linearizability).
type linearizableSettings struct {
	Linearizable checking `yaml:"linearizable" elsewhere:"a workload of type {type} has none"`
}

func (kinds) Linearizable() settings { return newLinearizableSettings() }

// checking is how a history is checked.
type checking struct {
	// OpsPerKey is how many operations on a key are answered before a fresh key
	// takes its place.
	OpsPerKey int `yaml:"ops_per_key"`
	// CheckTimeout bounds the check, which comes after the run.
	CheckTimeout units.Duration `yaml:"check_timeout"`
}

const (
	minOpsPerKey, maxOpsPerKey = 10, 10_000
	minCheck, maxCheck         = units.Duration(time.Second), units.Duration(time.Hour)
	// notedOperation is the bytes that are noted of an operation.
	notedOperation = 600
)

func newLinearizableSettings() *linearizableSettings {
	return &linearizableSettings{checking{OpsPerKey: 200, CheckTimeout: units.Duration(30 * time.Second)}}
}

// Traits implements scenarios.WorkloadSpec.
func (*linearizableSettings) Traits() []trait.Trait {
	return []trait.Trait{trait.Spreads, trait.Waits, trait.ChecksLinearizability}
}

// DefaultKeys implements scenarios.FewKeys.
func (*linearizableSettings) DefaultKeys() int { return contendedKeys }

// Commands implements scenarios.Commander.
func (*linearizableSettings) Commands() []string { return []string{"GET", "SET", "EVAL"} }

// Replayed implements scenarios.Replayed.
func (*linearizableSettings) Replayed() []string { return []string{"MULTI", "EXEC"} }

// Check implements scenarios.Checked.
func (s *linearizableSettings) Check(scenarios.WorkloadContext) error {
	return errors.Join(
		scenarios.InRange("linearizable.ops_per_key", s.Linearizable.OpsPerKey, minOpsPerKey, maxOpsPerKey, ""),
		scenarios.InRange("linearizable.check_timeout", s.Linearizable.CheckTimeout, minCheck, maxCheck, ""))
}

// Footprint implements scenarios.Sized.
func (*linearizableSettings) Footprint(w scenarios.Workload, writes float64) scenarios.Footprint {
	return scenarios.Footprint{Kept: float64(w.Keys), Noted: notedOperation * writes, Grows: true, Small: true}
}

func (s *linearizableSettings) plan(w *Workload, seed int64) (kind, error) {
	return newLinearizable(w.Spec, s.Linearizable, seed), nil
}

// linearizable has clients read, write, and compare and set a few keys, and checks
// whether what they were answered is what one register for each key would have
// answered, had it done one operation at a time, each at some moment between its
// call and its answer.
//
// Of the operations, half read (GET), a quarter write (SET, each a value of its
// own), and a quarter compare and set (a script that sets a value if the key holds
// the one that the client saw last, and answers what it held). A write that was
// sent and not answered may have its effect at any later time, or never. One that
// failed has none; a read without an answer tells nothing. An attempt that the
// client library repeats, because nobody answered it, may have its effect as well
// as the one that was answered.
//
// What bounds the check is that no key is used for long: see history.Key. What bounds
// the memory is that no more than maxOps operations are kept. Generations beyond
// that are unknown, as are those that cannot be decided in time.
type linearizable struct {
	keyspace.Spread
	size    keyspace.Sizes // of a value, in bytes
	options checking
	keys    []history.Key // by index
	book    history.Book
}

var _ kind = (*linearizable)(nil)

func newLinearizable(spec scenarios.Workload, options checking, seed int64) *linearizable {
	return &linearizable{
		Spread: keyspace.NewSpread(spec, seed), size: keyspace.SizesOf(spec), options: options,
		keys: make([]history.Key, spec.Keys), book: history.Book{Room: maxOps},
	}
}

// casScript sets a key to a value if it holds another one, and answers what it
// held; "" is for a key that is missing.
const casScript = `local held = redis.call('get', KEYS[1]) or ''
if held == ARGV[1] then redis.call('set', KEYS[1], ARGV[2]) end
return held`

// lastSeen is what a client saw last of a key.
type lastSeen struct {
	generation int
	value      history.ValueID
}

// Drive implements kind: do one operation after the other.
func (l *linearizable) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, c *drive.Client) {
	t := drive.NewCaller(ctx, sending, load, s, c)
	defer t.Stop()
	seen := make([]lastSeen, len(l.keys))
	wait := t.Out.Wait
	for t.Next() {
		n := c.Writes.Len()
		key := l.KeyOf(c.ID, n)
		g := l.keys[key].Join(key)
		if seen[key].generation != g.Number {
			seen[key] = lastSeen{generation: g.Number}
		}
		o := history.Operation{CallNS: history.Nanoseconds(t.Called), Client: int32(c.ID), Kind: l.kindOf(c.ID, n)}
		if t.Out.Wait = wait; o.Kind == history.Read {
			t.Out.Wait = nil
		} else {
			o.Sets = history.NewValueID(c.ID, n)
		}
		if o.Kind == history.CAS {
			o.Wants = seen[key].value
		}
		cmd := l.command(history.GenerationKey(load.Keys[key], g.Number), o, &t.Out)
		got := t.Send(load.ShardOf[key], cmd)
		o.Doubts = uint8(min(got.InDoubt, 255))
		switch {
		case got.Outcome == history.Failed, got.Outcome == history.Indeterminate && o.Kind == history.Read:
			continue
		case got.Outcome == history.Indeterminate:
			o.Doubts = max(o.Doubts, 1)
			l.book.Enter(g, o)
			continue
		}
		o.Answered, o.OverNS, o.Node = true, history.Nanoseconds(got.Over), got.Node
		o.Found = l.found(o.Kind, cmd.Reply)
		l.book.Enter(g, o)
		l.keys[key].Answer(g, l.options.OpsPerKey)
		seen[key].value = o.Leaves()
	}
}

// kindOf picks what operation n of a client does, always the same.
func (l *linearizable) kindOf(client int, n uint32) history.Kind {
	switch keyspace.Mix(^l.Seed+(uint64(client)<<32|uint64(n))*0x9e3779b97f4a7c15) >> 62 {
	case 0:
		return history.Write
	case 1:
		return history.CAS
	default:
		return history.Read
	}
}

// command is the command of an operation; its last argument is out.
func (l *linearizable) command(key string, o history.Operation, out *drive.Write) *drive.Command {
	switch o.Kind {
	case history.Read:
		out.Begin([]byte(key))
		return drive.NewCommand("get", out)
	case history.Write:
		out.Begin(l.text(o.Sets))
		return drive.NewCommand("set", key, out)
	default:
		out.Begin(l.text(o.Sets))
		cmd := drive.NewCommand("eval", casScript, 1, key, l.text(o.Wants), out)
		cmd.KeyAt = 3
		return cmd
	}
}

// text is the text of a value.
func (l *linearizable) text(v history.ValueID) []byte {
	if v == 0 {
		return nil
	}
	client, n := v.Write()
	return keyspace.AppendValue(nil, client, n, l.size)
}

// found is the value that an operation was answered; 0 if it tells of none.
func (l *linearizable) found(kind history.Kind, reply any) history.ValueID {
	text, _ := reply.(string)
	if kind == history.Write || text == "" {
		return 0
	}
	if client, n, ok := keyspace.ParseValue(text, l.size); ok {
		return history.NewValueID(client, n)
	}
	return history.ForeignValue
}

// verify implements kind: check the history that the clients left.
func (l *linearizable) verify(ctx context.Context, w *Workload) error {
	return w.judgeWitnessed(ctx, l)
}

// verdict implements witnessed.
func (l *linearizable) verdict(ctx context.Context, of evidence) (record.Data, error) {
	began := time.Now()
	checked, err := l.history().Check(ctx, began.Add(l.options.CheckTimeout.D()))
	if err != nil {
		return nil, fmt.Errorf("checking for linearizability: %w", err)
	}
	v := checked.Verdict()
	v.Name, v.Keys = of.name, len(l.keys)
	if v.Violated > 0 {
		violation, at, draw := checked.Explain()
		violation.Key, violation.Shard = history.GenerationKey(of.keys[at.Key], at.Number), of.shardOf[at.Key]
		if of.draw != nil {
			violation.Picture = of.draw(picture{"linearizable-" + of.name + ".html", "the violation", draw})
		}
		v.Violation = violation
	}
	v.Checked = record.Millis(time.Since(began).Seconds() * 1000)
	return v, nil
}

// writeSection implements sectioned: all operations.
func (l *linearizable) writeSection(w io.Writer, _ []history.History) error {
	return history.EncodeKeys(w, l.keys)
}

// readSection implements sectioned.
func (l *linearizable) readSection(r *bufio.Reader, clients []history.History) (err error) {
	l.keys, err = history.DecodeKeys(r, len(clients), len(l.keys), l.book.Room)
	return err
}

// history is the operations, to be checked.
func (l *linearizable) history() check.Linearizability {
	return check.Linearizability{Keys: l.keys, Room: l.book.Room, Timeout: l.options.CheckTimeout.D()}
}

// picture is a file that shows something.
type picture struct {
	name, of string
	draw     func(io.Writer) error
}

// draw leaves a picture among the artifacts. Its name is empty if there are none, or if it
// could not be drawn, which is noted: the verdict stands without it.
func (w *Workload) draw(p picture) (name string) {
	if w.artifacts == nil {
		return ""
	}
	file, err := w.artifacts.Create(p.name)
	if err == nil {
		err = cmp.Or(p.draw(file), file.Close())
	}
	if err != nil {
		w.Rec.Add(&record.Note{Text: fmt.Sprintf("Workload %s: there is no picture of %s: drawing %s: %v.", w.Spec.Name, p.of, p.name, err)})
		return ""
	}
	return p.name
}
