package history

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Generation is the history of one key.
type Generation struct {
	Key    int // index
	Number int

	mu  sync.Mutex
	Ops []Operation
	// Cut: not all operations are in it.
	Cut bool
}

// Key is what stands behind the index of a key: one key for as long as it takes
// to have a number of operations answered, and then a fresh one in the same slot.
// Keys are checked one by one, so that each check stays small, however long the
// run. Operations that failed do not count, so that the key on which an outage
// begins is the one that is looked at when it is over.
type Key struct {
	mu          sync.Mutex
	answered    int // in the present generation
	Generations []*Generation
}

// Join is the present generation of key.
func (k *Key) Join(key int) *Generation {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.Generations) == 0 {
		k.Generations = []*Generation{{Key: key}}
	}
	return k.Generations[len(k.Generations)-1]
}

// Answer counts an answer in a generation, and begins the next one after the last
// of opsPerKey.
func (k *Key) Answer(g *Generation, opsPerKey int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if g != k.Generations[len(k.Generations)-1] {
		return
	}
	if k.answered++; k.answered == opsPerKey {
		k.answered = 0
		k.Generations = append(k.Generations, &Generation{Key: g.Key, Number: g.Number + 1})
	}
}

// GenerationKey is the name of the key of a generation, in the slot of base.
func GenerationKey(base string, number int) string {
	if !strings.Contains(base, "{") {
		base = "{" + base + "}"
	}
	return base + ":" + strconv.Itoa(number)
}

// Book keeps operations until there are as many as it has room for.
type Book struct {
	Room int64
	kept atomic.Int64
}

// Enter keeps an operation in its generation, or else marks that as incomplete.
func (b *Book) Enter(g *Generation, o Operation) {
	full := b.kept.Add(1) > b.Room
	g.mu.Lock()
	defer g.mu.Unlock()
	if full {
		g.Cut = true
		return
	}
	g.Ops = append(g.Ops, o)
}
