package scenarios

import (
	"fmt"
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// YAML writes the scenario as it runs, with defaults and --set changes in
// place. parse.Scenario reads an equal scenario back from it.
func (s *Scenario) YAML() ([]byte, error) {
	for i, f := range s.Faults {
		if f.Spec == nil {
			return nil, fmt.Errorf("faults[%d] has no settings", i)
		}
	}
	n, err := codec.Encode(s)
	if err != nil {
		return nil, err
	}
	return n.Marshal()
}

// MarshalNode implements codec.Marshaler: the settings of a workload's type stand right after that.
func (w Workload) MarshalNode() (*document.Node, error) {
	common, err := codec.StructOf(&w).Encode()
	if err != nil {
		return nil, err
	}
	own, err := codec.StructOf(w.Spec).Encode()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Type, err)
	}
	at := slices.IndexFunc(common.Fields, func(f document.Field) bool { return f.Name == "type" })
	common.Fields = slices.Insert(common.Fields, at+1, own.Fields...)
	return common, nil
}

// MarshalNode implements codec.Marshaler: the settings of a kind are under its name.
func (f Fault) MarshalNode() (*document.Node, error) {
	moments, err := codec.Encode(momentsOf(f))
	if err != nil {
		return nil, err
	}
	settings, err := codec.Encode(f.Spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Kind, err)
	}
	moments.Add(f.Kind, settings)
	return moments, nil
}

// moments is a step without its kind, as YAML has it.
type moments struct {
	Name     string          `yaml:"name"`
	At       *units.Duration `yaml:"at"`
	After    *After          `yaml:"after"`
	When     *When           `yaml:"when"`
	For      units.Duration  `yaml:"for,omitempty"`
	Every    units.Duration  `yaml:"every,omitempty"`
	Jitter   units.Duration  `yaml:"jitter,omitempty"`
	Count    int             `yaml:"count,omitempty"`
	Rolling  *Rolling        `yaml:"rolling"`
	Optional bool            `yaml:"optional,omitempty"`
}

func momentsOf(f Fault) moments {
	m := moments{Name: f.Name, After: f.After, When: f.When, For: f.For, Every: f.Every, Jitter: f.Jitter, Count: f.Count, Rolling: f.Rolling, Optional: f.Optional}
	if f.At != 0 || f.After == nil && f.When == nil {
		m.At = &f.At
	}
	return m
}

// IsKey tells whether a scenario has a key of that name at its top.
func IsKey(name string) bool {
	return slices.ContainsFunc(codec.StructOf(&Scenario{}).Fields, func(f codec.Field) bool { return f.Name == name })
}
