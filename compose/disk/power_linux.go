package disk

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// freeze returns once nothing is being made durable any more.
func (fs *fileSystem) freeze() {
	fs.durability.Lock()
	defer fs.durability.Unlock()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.frozen == nil {
		fs.frozen = make(chan struct{})
	}
}

func (fs *fileSystem) thaw() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.letGo()
}

// letGo ends freezing. The caller holds mu.
func (fs *fileSystem) letGo() {
	if fs.frozen != nil {
		close(fs.frozen)
		fs.frozen = nil
	}
}

// losePower drops what is not durable: everything that programs see is made anew of what is below.
func (fs *fileSystem) losePower(tear Tear) (Loss, error) {
	fs.durability.Lock()
	defer fs.durability.Unlock()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	defer fs.letGo()

	names, dirty := map[*node]string{}, map[*node]int64{}
	for n := range fs.dirty {
		names[n], dirty[n] = n.path(), n.dirty.bytes()
	}
	torn := map[*node]int64{}
	if tear.Torn {
		var err error
		if torn, err = fs.tear(rand.New(rand.NewPCG(tear.Seed, 0))); err != nil {
			return Loss{}, fmt.Errorf("tearing what was not durable: %w", err)
		}
	}
	loss := Loss{Files: []FileLoss{}, Changes: []string{}}
	for n, before := range dirty {
		if n.removed { // it would be gone anyway
			continue
		}
		gone := n.dirty.bytes() - torn[n]
		loss.Files = append(loss.Files, FileLoss{Name: names[n], Bytes: gone, Kept: before - gone})
		loss.Bytes += gone
	}
	slices.SortFunc(loss.Files, func(a, b FileLoss) int { return cmp.Compare(a.Name, b.Name) })
	for _, c := range fs.journal {
		if c.what != "" {
			loss.Changes = append(loss.Changes, c.what)
		}
	}

	for _, n := range fs.nodes {
		if n.below != nil {
			n.below.Close()
			n.below = nil
		}
	}
	fs.boot++
	fs.powerLosses++
	fs.lost += loss.Bytes
	if err := fs.load(); err != nil {
		return loss, err
	}
	for _, n := range fs.nodes {
		fs.forget(n)
	}
	return loss, nil
}

// tear makes a part durable of what is not, and says how many of the bytes that are
// dirty then it has written, and of which file.
func (fs *fileSystem) tear(random *rand.Rand) (map[*node]int64, error) {
	if len(fs.journal) > 0 {
		if err := fs.commit(random.IntN(len(fs.journal) + 1)); err != nil {
			return nil, err
		}
	}
	torn := map[*node]int64{}
	waiting := fs.longestDirty()
	slices.SortFunc(waiting, func(a, b *node) int { return cmp.Compare(a.path(), b.path()) })
	for _, n := range waiting {
		bytes := random.Int64N(n.dirty.bytes() + 1)
		if n.durable == nil || slices.ContainsFunc(fs.journal, func(c change) bool { return c.cuts == n }) {
			continue
		}
		if err := n.pin(); err != nil {
			return nil, err
		}
		err := writeBelow(n.below, n.dirty.first(bytes))
		n.unpin()
		if err != nil {
			return nil, err
		}
		torn[n] = bytes
	}
	return torn, nil
}
