package workload

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/workload/check"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// judgedAgain is a kind whose verdict can be reached again from files of histories.
type judgedAgain interface {
	// again gives nothing if the histories were too long to be kept.
	again(ctx context.Context, w *Workload, open opener) ([]record.Data, error)
}

var (
	_ judgedAgain = values{}
	_ judgedAgain = (*mixed)(nil)
	_ judgedAgain = (*consumed)(nil)
	_ judgedAgain = (*pubsub)(nil)
	_ judgedAgain = (*lock)(nil)
	_ judgedAgain = (*linearizable)(nil)
)

// opener opens a file of histories by its name.
type opener func(name string) (io.ReadCloser, error)

// JudgeAgain reaches the verdicts of a run on a workload again, from the histories that
// [Workload.Verify] left: the events that this appended. There are none if the histories were
// too long to be kept. Errors of open are in the chain of its own.
func JudgeAgain(ctx context.Context, spec scenarios.Workload, runID string, seed int64, open func(name string) (io.ReadCloser, error)) ([]record.Data, error) {
	w, err := New(spec, runID, seed, nowhere{}, record.New(record.NewClock(), io.Discard))
	if err != nil {
		return nil, err
	}
	if k, ok := w.kind.(judgedAgain); ok {
		return k.again(ctx, w, open)
	}
	return nil, nil
}

// nowhere is a cluster that is gone.
type nowhere struct{}

func (nowhere) Addrs() []string      { return nil }
func (nowhere) NodeAt(string) string { return "" }
func (nowhere) ShardOf(int) int      { return 0 }
func (nowhere) Shards() int          { return 1 }
func (nowhere) Dial(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("the cluster is gone")
}

// again implements judgedAgain.
func (k values) again(ctx context.Context, w *Workload, open opener) ([]record.Data, error) {
	checker, err := k.judgeAgain(ctx, w.Load, historiesName(w.Spec.Name, ""), open)
	if checker == nil || err != nil {
		return nil, err
	}
	return verdicts(checker, w.Spec.Name), nil
}

// again implements judgedAgain: as verify does, it sums up what is found of the parts.
func (m *mixed) again(ctx context.Context, w *Workload, open opener) ([]record.Data, error) {
	sum := &record.Verified{Name: w.Spec.Name}
	for _, p := range m.parts {
		checker, err := p.judgeAgain(ctx, p.Load, historiesName(w.Spec.Name, p.Spec.Type), open)
		if checker == nil || err != nil {
			return nil, err
		}
		v := checker.Verdict()
		v.Name = p.Spec.Type
		sum.Add(v)
	}
	return []record.Data{sum}, nil
}

// again implements judgedAgain.
func (c *consumed) again(ctx context.Context, w *Workload, open opener) ([]record.Data, error) {
	return values{c}.again(ctx, w, open)
}

// again implements judgedAgain.
func (p *pubsub) again(ctx context.Context, w *Workload, open opener) ([]record.Data, error) {
	return w.witnessedAgain(ctx, p, open)
}

// again implements judgedAgain.
func (l *lock) again(ctx context.Context, w *Workload, open opener) ([]record.Data, error) {
	return w.witnessedAgain(ctx, l, open)
}

// again implements judgedAgain. The check takes as long as at the end of the run, and may
// decide more or less within its bound.
func (l *linearizable) again(ctx context.Context, w *Workload, open opener) ([]record.Data, error) {
	return w.witnessedAgain(ctx, l, open)
}

// judgeAgain tells a checker what is in a file.
func (k values) judgeAgain(ctx context.Context, load *drive.Load, name string, open opener) (checker check.Checker, err error) {
	err = replayFile(ctx, load, name, open, func(p *replay) error {
		clients, shardOf, kept, err := p.histories(k.writer, load)
		if !kept || err != nil {
			return err
		}
		told := k.checker(clients, shardOf)
		all, err := p.tellAll(told)
		if all {
			checker = told
		}
		return err
	})
	return checker, err
}

// witnessedAgain judges what is in the file of the workload.
func (w *Workload) witnessedAgain(ctx context.Context, k witnessed, open opener) (all []record.Data, err error) {
	err = replayFile(ctx, w.Load, historiesName(w.Spec.Name, ""), open, func(p *replay) error {
		clients, shardOf, kept, err := p.histories(k, w.Load)
		if !kept || err != nil {
			return err
		}
		if err := p.end(); err != nil {
			return err
		}
		v, err := k.verdict(ctx, evidence{name: w.Spec.Name, clients: clients, keys: w.Keys, shardOf: shardOf})
		all = []record.Data{v}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// replayFile has a file read from its beginning.
func replayFile(ctx context.Context, load *drive.Load, name string, open opener, read func(*replay) error) error {
	file, err := open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	zip, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return fmt.Errorf("%s holds no histories: %w", name, err)
	}
	limited := &io.LimitedReader{R: zip, N: maxHistories + 1}
	err = read(&replay{ctx: ctx, r: bufio.NewReaderSize(limited, 64<<10), size: keyspace.SizesOf(load.Spec), keys: load.Spec.Keys, key: -1, open: make(map[int]bool), begun: make(map[int]int)})
	switch {
	case limited.N <= 0:
		return fmt.Errorf("%s is longer than %d MiB when it is unpacked, and so no file of histories", name, maxHistories>>20)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s ends in the middle", name)
	case err != nil && ctx.Err() == nil:
		return fmt.Errorf("%s is damaged: %w", name, err)
	}
	return err
}

// replay tells a checker again what is written down.
type replay struct {
	ctx  context.Context
	r    *bufio.Reader
	size keyspace.Sizes
	keys int

	key   int // the one that was told of last
	open  map[int]bool
	begun map[int]int // how often
	texts int
	value []byte
}

const (
	// maxBegun is more often than a key is begun, and maxTexts bounds the values that stand
	// for no write, which a checker may have to remember.
	maxBegun = 16
	maxTexts = 10_000_000
	// maxHeader bounds the first lines, in bytes.
	maxHeader = 4 << 10
)

// histories reads what comes before what keys hold: the histories of the clients, the shard of
// each key, and the section, if the kind has one. They were not kept if the file says that the
// section was left out.
func (p *replay) histories(of any, load *drive.Load) (clients []history.History, shardOf []int, kept bool, err error) {
	if err := p.header(load); err != nil {
		return nil, nil, false, err
	}
	shardOf = make([]int, p.keys)
	for i := range shardOf {
		shard, err := p.number(math.MaxUint16)
		if err != nil {
			return nil, nil, false, err
		}
		shardOf[i] = int(shard)
	}
	clients = make([]history.History, load.Spec.Clients)
	for i := range clients {
		if clients[i], err = history.Decode(p.r); err != nil {
			return nil, nil, false, fmt.Errorf("the history of client %d: %w", i, err)
		}
	}
	s, ok := of.(sectioned)
	if !ok {
		return clients, shardOf, true, nil
	}
	switch what, err := p.r.ReadByte(); {
	case err != nil:
		return nil, nil, false, err
	case what == toldTooMuch:
		return nil, nil, false, nil
	case what != toldSection:
		return nil, nil, false, fmt.Errorf("it has no section of type %s", load.Spec.Type)
	}
	if err := s.readSection(p.r, clients); err != nil {
		return nil, nil, false, err
	}
	return clients, shardOf, true, nil
}

// tellAll tells a checker all that is left; false if the file says that the rest was left out.
func (p *replay) tellAll(checker check.Checker) (all bool, err error) {
	for n := 0; ; n++ {
		if n%64 == 0 && p.ctx.Err() != nil {
			return false, p.ctx.Err()
		}
		switch what, err := p.tell(checker); {
		case err != nil:
			return false, err
		case what == toldTooMuch, what == toldAll:
			return what == toldAll, nil
		}
	}
}

// end wants nothing to be told after the section.
func (p *replay) end() error {
	what, err := p.r.ReadByte()
	switch {
	case err != nil:
		return err
	case what != toldAll:
		return fmt.Errorf("after its section it tells something, %d", what)
	}
	_, err = p.readBy()
	return err
}

// header wants the first lines to be those of the workload.
func (p *replay) header(load *drive.Load) error {
	format, err := p.line()
	if err != nil {
		return err
	}
	if string(format) != historiesFormat {
		return fmt.Errorf("it begins with %.40q, not with %q", format, historiesFormat)
	}
	line, err := p.line()
	if err != nil {
		return err
	}
	var h historiesHeader
	if err := json.Unmarshal(line, &h); err != nil {
		return err
	}
	if want := headerOf(load); h != want {
		return fmt.Errorf("it is of %+v, and the scenario has %+v", h, want)
	}
	return nil
}

func (p *replay) line() ([]byte, error) {
	line, err := p.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > maxHeader {
		return nil, errors.New("a line at its begin has no end")
	}
	return bytes.TrimSuffix(bytes.Clone(line), []byte("\n")), err
}

// tell tells the checker one thing.
func (p *replay) tell(checker check.Checker) (what byte, err error) {
	if what, err = p.r.ReadByte(); err != nil {
		return what, err
	}
	if what&ofAnotherKey != 0 {
		key, err := p.number(uint64(p.keys - 1))
		if err != nil {
			return what, err
		}
		p.key, what = int(key), what&^ofAnotherKey
	}
	if p.key < 0 && what < toldAll {
		return what, errors.New("something is told of no key")
	}
	switch what {
	case toldBegin:
		if p.begun[p.key]++; p.begun[p.key] > maxBegun {
			return what, fmt.Errorf("key %d was read more than %d times", p.key, maxBegun)
		}
		p.open[p.key] = true
		checker.Begin(p.key)
	case toldEnd:
		if !p.open[p.key] {
			return what, fmt.Errorf("the reading of key %d ends, and had not begun", p.key)
		}
		delete(p.open, p.key)
		checker.End(p.key)
	case toldUnreadable:
		reason, err := p.text()
		if err != nil {
			return what, err
		}
		checker.Unreadable(p.key, errors.New(reason))
	case toldWrite, toldText:
		if !p.open[p.key] {
			return what, fmt.Errorf("key %d holds something, and is not being read", p.key)
		}
		value, err := p.seen(what)
		if err != nil {
			return what, err
		}
		checker.See(p.key, value)
	case toldAll:
		ms, err := p.readBy()
		if err != nil {
			return what, err
		}
		if c, ok := checker.(check.Expiring); ok {
			c.ReadBy(ms)
		}
	case toldTooMuch:
	default:
		return what, fmt.Errorf("it tells something unknown, %d", what)
	}
	return what, nil
}

// readBy is when all had been read, in ms on the run's clock.
func (p *replay) readBy() (record.Millis, error) {
	var bits [8]byte
	_, err := io.ReadFull(p.r, bits[:])
	return record.Millis(math.Float64frombits(binary.BigEndian.Uint64(bits[:]))), err
}

// seen is a value that a key holds.
func (p *replay) seen(what byte) (string, error) {
	before, err := p.text()
	if err != nil {
		return "", err
	}
	if what == toldText {
		if p.texts++; p.texts > maxTexts {
			return "", fmt.Errorf("more than %d values stand for no write", maxTexts)
		}
		return before, nil
	}
	client, err := p.number(math.MaxInt32)
	if err != nil {
		return "", err
	}
	n, err := p.number(math.MaxUint32)
	if err != nil {
		return "", err
	}
	p.value = keyspace.AppendValue(append(p.value[:0], before...), int(client), uint32(n), p.size)
	return string(p.value), nil
}

// number reads a number up to a limit.
func (p *replay) number(most uint64) (uint64, error) {
	n, err := binary.ReadUvarint(p.r)
	if err == nil && n > most {
		err = fmt.Errorf("a number is %d, above %d", n, most)
	}
	return n, err
}

// text reads a text. It takes no more memory than what there is of it.
func (p *replay) text() (string, error) {
	length, err := p.number(maxHistories)
	if err != nil || length == 0 {
		return "", err
	}
	if length <= 4096 {
		short := make([]byte, length)
		_, err := io.ReadFull(p.r, short)
		return string(short), err
	}
	var long bytes.Buffer
	if _, err := io.CopyN(&long, p.r, int64(length)); err != nil {
		return "", err
	}
	return long.String(), nil
}
