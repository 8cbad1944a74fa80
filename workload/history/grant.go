package history

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Grant is what a client did with a lock that it was granted. Times are in nanoseconds on
// the run's clock, each at or after the one before.
type Grant struct {
	CalledNS int64 // when it asked for the lock
	FromNS   int64 // when it had the answer
	EndNS    int64 // when it sent the release
	OverNS   int64 // when the outcome of that was known
	Release  Outcome
	Found    Found // by a release that was acked
}

// Found is what a release found in the place of the lock.
type Found uint8

const (
	FoundOwn   Found = iota // the lock that it is to release
	FoundGone               // nothing
	FoundOther              // that of another client
	foundEnd
)

// Locking is what came of a client's requests for locks, as far as they were answered, in
// their order. A request that was denied takes a byte; one that was granted, a byte for how
// it was released, and four times, each told from the one before.
type Locking struct {
	log
	lastNS int64
}

const (
	lockDenied  = 0
	lockGranted = 1 // with the outcome of the release from bit 1 on, and what it found from bit 3 on
)

// Deny enters a request that was denied.
func (l *Locking) Deny() { l.log = append(l.log, lockDenied) }

// Grant enters a request that was granted.
func (l *Locking) Grant(g Grant) {
	l.log = append(l.log, lockGranted|byte(g.Release)<<1|byte(g.Found)<<3)
	for _, ns := range []int64{g.CalledNS, g.FromNS, g.EndNS, g.OverNS} {
		ns = max(ns, l.lastNS)
		l.log = binary.AppendUvarint(l.log, uint64(ns-l.lastNS))
		l.lastNS = ns
	}
}

// All is each request that was answered: what was done with the lock, or false if it was
// denied.
func (l *Locking) All() iter.Seq2[Grant, bool] {
	return func(yield func(Grant, bool) bool) {
		r, lastNS := bytes.NewReader(l.log), int64(0)
		for r.Len() > 0 {
			g, granted, err := readGrant(r, &lastNS)
			if err != nil || !yield(g, granted) {
				return // what was decoded has no errors
			}
		}
	}
}

func readGrant(r io.ByteReader, lastNS *int64) (g Grant, granted bool, err error) {
	how, err := r.ReadByte()
	if err != nil || how == lockDenied {
		return g, false, err
	}
	g.Release, g.Found = Outcome(how>>1&3), Found(how>>3)
	if how&lockGranted == 0 || g.Found >= foundEnd {
		return g, false, fmt.Errorf("a lock was neither granted nor denied, %d", how)
	}
	for _, ns := range []*int64{&g.CalledNS, &g.FromNS, &g.EndNS, &g.OverNS} {
		passed, err := number(r, maxNS)
		if err != nil {
			return g, false, err
		}
		if *lastNS += int64(passed); *lastNS > maxNS {
			return g, false, errTooMuch
		}
		*ns = *lastNS
	}
	return g, true, nil
}

// DecodeLocking reads what came of the requests of a client, of which it wants as many as
// were acked.
func DecodeLocking(r *bufio.Reader, requests *History) (Locking, error) {
	var l Locking
	var err error
	if l.log, err = decodeLog(r); err != nil {
		return l, err
	}
	var answered, acked int64
	for all := bytes.NewReader(l.log); all.Len() > 0; answered++ {
		if _, _, err := readGrant(all, &l.lastNS); err != nil {
			return l, inside(err)
		}
	}
	for _, request := range requests.All() {
		if request.Outcome.IsAcked() {
			acked++
		}
	}
	if answered != acked {
		return l, fmt.Errorf("%d requests for locks were answered, and %d acked", answered, acked)
	}
	return l, nil
}

// inside is an error of reading what is whole: it cannot have ended.
func inside(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("an entry is cut short")
	}
	return err
}
