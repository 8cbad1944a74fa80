package workload

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// opKind is what an operation on a key does.
type opKind uint8

const (
	opRead  opKind = iota
	opWrite        // sets a value that no other operation sets
	opCAS          // the same, if the key holds the value that is wanted
)

// valueID stands for the value that write n of a client sets; 0 is for none, as in
// a key that is missing.
type valueID uint64

// foreignValue is any value that no operation sets.
const foreignValue = ^valueID(0)

func idOf(client int, n uint32) valueID { return valueID(uint64(client)<<32|uint64(n)) + 1 }

// write is the client and the number of the write.
func (v valueID) write() (client int, n uint32) { return int((v - 1) >> 32), uint32(v - 1) }

// op is an operation that was answered, or may have had an effect all the same.
type op struct {
	// callNS and overNS are in nanoseconds on the run's clock: when it was called,
	// and when its answer was there.
	callNS, overNS int64
	sets           valueID // 0: nothing
	wants          valueID // of a cas
	found          valueID // of a read or a cas that was answered
	node           string  // that answered
	client         int32
	kind           opKind
	answered       bool
	// doubts counts attempts that nobody answered.
	doubts uint8
}

// leaves is what the key holds after an operation that was answered.
func (o op) leaves() valueID {
	if o.kind == opWrite || o.kind == opCAS && o.found == o.wants {
		return o.sets
	}
	return o.found
}

// generation is the history of one key.
type generation struct {
	key    int // index
	number int

	mu  sync.Mutex
	ops []op
	// cut: not all operations are in it.
	cut bool
}

// opKey is what stands behind the index of a key: one key for as long as it takes
// to have a number of operations answered, and then a fresh one in the same slot.
// Keys are checked one by one, so that each check stays small, however long the
// run. Operations that failed do not count, so that the key on which an outage
// begins is the one that is looked at when it is over.
type opKey struct {
	mu          sync.Mutex
	answered    int // in the present generation
	generations []*generation
}

// join is the present generation of key.
func (k *opKey) join(key int) *generation {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.generations) == 0 {
		k.generations = []*generation{{key: key}}
	}
	return k.generations[len(k.generations)-1]
}

// answer counts an answer in a generation, and begins the next one after the last
// of opsPerKey.
func (k *opKey) answer(g *generation, opsPerKey int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if g != k.generations[len(k.generations)-1] {
		return
	}
	if k.answered++; k.answered == opsPerKey {
		k.answered = 0
		k.generations = append(k.generations, &generation{key: g.key, number: g.number + 1})
	}
}

// generationKey is the name of the key of a generation, in the slot of base.
func generationKey(base string, number int) string {
	if !strings.Contains(base, "{") {
		base = "{" + base + "}"
	}
	return base + ":" + strconv.Itoa(number)
}

// opBook keeps operations until there are as many as it has room for.
type opBook struct {
	room int64
	kept atomic.Int64
}

// enter keeps an operation in its generation, or else marks that as incomplete.
func (b *opBook) enter(g *generation, o op) {
	full := b.kept.Add(1) > b.room
	g.mu.Lock()
	defer g.mu.Unlock()
	if full {
		g.cut = true
		return
	}
	g.ops = append(g.ops, o)
}

// nsOf is a time on the run's clock in nanoseconds, and msOf its reverse.
func nsOf(ms float64) int64 { return int64(ms * 1e6) }
func msOf(ns int64) float64 { return float64(ns) / 1e6 }
