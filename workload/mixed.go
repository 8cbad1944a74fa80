package workload

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/trait"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// mixedSettings are those of a workload of type mixed.
//
// Writes: several of those that write values, each client in turn. Lost: what each of them does.
type mixedSettings struct {
	// Mix is the types of values, and how many of the turns each gets, in proportion.
	Mix map[string]int `yaml:"mix" elsewhere:"only a mixed workload has one"`
	// Ratio and From are as of the types that can be read.
	Ratio float64 `yaml:"read_ratio,omitempty"`
	From  string  `yaml:"read_from"`
}

func (kinds) Mixed() settings { return &mixedSettings{} }

const minWeight, maxWeight = 1, 1000

// types lists the types of the mix that there are.
func (s *mixedSettings) types() (names []string) {
	for _, typ := range slices.Sorted(maps.Keys(s.Mix)) {
		if s.partOf(typ) != nil {
			names = append(names, typ)
		}
	}
	return names
}

// partOf is the settings of a part, which are those by default; nil if there is no such type.
func (s *mixedSettings) partOf(typ string) scenarios.WorkloadSpec {
	if kind, known := Kinds()[typ]; known {
		return kind()
	}
	return nil
}

// Traits implements scenarios.WorkloadSpec. A mixed workload can do what all of its parts can,
// and judges losses as they do, and whatever else one of them can tell.
func (s *mixedSettings) Traits() (all []trait.Trait) {
	parts := s.types()
	can := func(t trait.Trait) func(typ string) bool {
		return func(typ string) bool { return slices.Contains(s.partOf(typ).Traits(), t) }
	}
	for _, t := range []trait.Trait{trait.Spreads, trait.CountsLoss, trait.DatesLoss} {
		if len(parts) > 0 && !slices.ContainsFunc(parts, func(typ string) bool { return !can(t)(typ) }) {
			all = append(all, t)
		}
	}
	for _, t := range []trait.Trait{trait.CountsDuplicates, trait.ChecksOrder, trait.Reads} {
		if slices.ContainsFunc(parts, can(t)) {
			all = append(all, t)
		}
	}
	return all
}

// reads is how it reads.
func (s *mixedSettings) reads() reads { return reads{s.Ratio, s.From} }

// Reads implements scenarios.Reading.
func (s *mixedSettings) Reads() (ratio float64, from string) { return s.reads().Reads() }

// Commands implements scenarios.Commander.
func (s *mixedSettings) Commands() []string {
	var all []string
	for _, typ := range s.types() {
		if of, ok := s.partOf(typ).(scenarios.Commander); ok {
			all = append(all, of.Commands()...)
		}
	}
	return append(all, s.reads().commands()...)
}

// mixable lists the types that can be parts of a mix: their writes are values that are
// found again.
func mixable() (names []string) {
	for typ, kind := range Kinds() {
		if typ != "mixed" && slices.Contains(kind().Traits(), trait.Pipelines) {
			names = append(names, typ)
		}
	}
	slices.Sort(names)
	return names
}

// Check implements scenarios.Checked: there are at least two types to mix.
func (s *mixedSettings) Check(c scenarios.WorkloadContext) error {
	if !c.Given("mix") {
		return &scenarios.FieldError{Msg: "missing \"mix\", the types to mix and their weights; write mix: {set: 1, register: 3}"}
	}
	var errs []error
	for _, typ := range slices.Sorted(maps.Keys(s.Mix)) {
		if known := mixable(); !slices.Contains(known, typ) {
			errs = append(errs, &scenarios.FieldError{Field: "mix." + typ, Msg: suggest.Unknown("type to mix", typ, known)})
			continue
		}
		errs = append(errs, scenarios.InRange("mix."+typ, s.Mix[typ], minWeight, maxWeight, "a share of the turns"))
		if part, ok := s.partOf(typ).(scenarios.Checked); ok {
			own := c
			own.Given = func(key string) bool { return !strings.HasPrefix(key, "read_") && key != "ttl" && c.Given(key) }
			errs = append(errs, part.Check(own))
		}
	}
	if len(s.Mix) < 2 {
		errs = append(errs, &scenarios.FieldError{Field: "mix", Msg: "a mix of one type or none; write at least two, such as {set: 1, register: 3}"})
	}
	reading := s.reads().check(c)
	if reading == nil && c.Given("read_ratio") && !slices.Contains(s.Traits(), trait.Reads) {
		var types []string
		for _, typ := range mixable() {
			if slices.Contains(s.partOf(typ).Traits(), trait.Reads) {
				types = append(types, typ)
			}
		}
		reading = &scenarios.FieldError{Field: "read_ratio", Msg: "what a mixed holds cannot be judged while it is written to; leave the key out, or write type: " + strings.Join(types, " or ")}
	}
	return errors.Join(append(errs, reading)...)
}

// Footprint implements scenarios.Sized.
func (s *mixedSettings) Footprint(w scenarios.Workload, writes float64) scenarios.Footprint {
	all, stay := 0, 0
	for typ, share := range s.Mix {
		all += share
		part, sized := s.partOf(typ).(scenarios.Sized)
		if sized && part.Footprint(w, writes).Grows {
			stay += share
		}
	}
	return scenarios.Footprint{Kept: float64(w.Keys) + writes*float64(stay)/float64(max(all, 1)), Grows: stay > 0}
}

// plan plans the parts. Their keys are "<runID>:<name>:<type>:<n>", so many of each type.
func (s *mixedSettings) plan(w *Workload, seed int64) (kind, error) {
	m := &mixed{seed: uint64(seed)}
	for _, typ := range s.types() {
		spec := w.Spec
		spec.Name, spec.Type, spec.Spec = w.Spec.Name+":"+typ, typ, s.partOf(typ)
		part, err := New(spec, w.runID, seed, w.Target, w.Rec)
		if err != nil {
			return nil, err
		}
		kind, ok := part.kind.(values)
		if !ok {
			return nil, fmt.Errorf("a %s cannot be a part of a mix", typ)
		}
		w.AddPart(part.Load, kind.writer, kind.Freshness(len(part.Keys)))
		m.parts = append(m.parts, mixedPart{part.Load, kind, s.Mix[typ]})
		m.weight += s.Mix[typ]
		if _, readable := kind.writer.(readable); readable {
			m.readWeight += s.Mix[typ]
		}
	}
	if len(m.parts) == 0 {
		return nil, errors.New("a mix of nothing")
	}
	return m, nil
}

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
		checker, err := p.judge(ctx, w, p.Load, historiesName(w.Spec.Name, p.Spec.Type))
		if err != nil {
			return err
		}
		v := checker.Verdict()
		v.Name = p.Spec.Type
		sum.Add(v)
	}
	w.Rec.Add(sum)
	return nil
}
