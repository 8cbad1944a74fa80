package workload

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// mixed has each client take its turns at several types of values, as an
// application does. Each part has keys of its own, and is judged by its own type.
type mixed struct {
	parts []mixedPart
	seed  uint64
	// weight and readWeight are the sums of those of all parts, and of the readable.
	weight, readWeight int
}

// mixedPart is one type of a mixed workload.
type mixedPart struct {
	*drive.Load // its keys and its clients' histories; it does not run by itself
	values
	weight int
}

var _ kind = (*mixed)(nil)

// planMixed plans the parts of a mixed workload. Their keys are
// "<runID>:<name>:<type>:<n>", so many of each type.
func planMixed(w *Workload, runID string, seed int64) error {
	m := &mixed{seed: uint64(seed)}
	for _, typ := range slices.Sorted(maps.Keys(w.Spec.Mix)) {
		spec := w.Spec
		spec.Name, spec.Type, spec.Mix = w.Spec.Name+":"+typ, typ, nil
		part, err := New(spec, runID, seed, w.Target, w.Rec)
		if err != nil {
			return err
		}
		kind, ok := part.kind.(values)
		if !ok {
			return fmt.Errorf("workload %s: a %s cannot be a part of a mix", w.Spec.Name, typ)
		}
		w.AddPart(part.Load, kind.writer, kind.Freshness(len(part.Keys)))
		m.parts = append(m.parts, mixedPart{part.Load, kind, w.Spec.Mix[typ]})
		m.weight += w.Spec.Mix[typ]
		if _, readable := kind.writer.(readable); readable {
			m.readWeight += w.Spec.Mix[typ]
		}
	}
	if len(m.parts) == 0 {
		return fmt.Errorf("workload %s: a mix of nothing", w.Spec.Name)
	}
	w.kind = m
	return nil
}

// Drive implements kind: each turn is at a part by chance, but always at the same for
// the same turn of a client.
func (m *mixed) Drive(ctx, sending context.Context, load *drive.Load, s *drive.Session, c *drive.Client) {
	var turn, read uint32
	load.SendParts(ctx, sending, s, c, func(reads bool) int {
		if reads {
			read++
			return m.pick(c.ID, ^(read - 1), true)
		}
		turn++
		return m.pick(c.ID, turn-1, false)
	})
}

// pick is the part of a turn: any, or any that can be read.
func (m *mixed) pick(client int, turn uint32, readable bool) int {
	of := m.weight
	if readable {
		of = m.readWeight
	}
	left := keyspace.Below(keyspace.Draw(m.seed, client, turn), of)
	for i, p := range m.parts {
		if readable && !p.reads() {
			continue
		}
		if left -= p.weight; left < 0 {
			return i
		}
	}
	return len(m.parts) - 1
}

// reads tells whether a read of the part's keys can be judged.
func (p mixedPart) reads() bool {
	_, ok := p.writer.(readable)
	return ok
}

// verify implements kind: it sums up what is found of the parts.
func (m *mixed) verify(ctx context.Context, w *Workload) error {
	sum := &record.Verified{Name: w.Spec.Name}
	for _, p := range m.parts {
		v, err := p.judge(ctx, p.Load)
		if err != nil {
			return err
		}
		v.Name = p.Spec.Type
		sum.Add(v)
	}
	w.Rec.Add(sum)
	return nil
}
