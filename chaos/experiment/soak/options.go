package soak

import (
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/experiment"
	"github.com/redis-chaos/redis-chaos/chaos/experiment/folder"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// Options are how the rounds are made, and how what they find is shrunk.
type Options struct {
	experiment.Options
	// For is how long rounds are begun; one is made at least.
	For time.Duration
	// Seed is what those of the rounds are derived from; 0 is the scenario's, or, without one, a new one.
	Seed int64
	// Unexplained has a round fail by an outage whose cause is not known, as well.
	Unexplained bool
	// Shrink is how a schedule that fails is shrunk; nil: it is not.
	Shrink *Shrinking
	// Command is what makes the same rounds again, for the report; it is given the seed.
	Command func(seed int64) string

	made runner // nil: by experiment.Run
}

// Shrinking is how a schedule is shrunk.
type Shrinking struct {
	// Runs is how many runs a smaller schedule is given at most to fail, and Confirm how many are made of the smallest.
	Runs, Confirm int
	// For bounds the time that it takes; 0: nothing does.
	For time.Duration
}

// seedOf is the seed that was asked for, or that of the scenario, or a new one.
func seedOf(asked int64, s *scenarios.Scenario) int64 {
	for _, seed := range []int64{asked, s.Seed} {
		if seed != 0 {
			return seed
		}
	}
	return experiment.NewSeed()
}

// begin makes a folder for many runs of a scenario, with that in it.
func begin(s *scenarios.Scenario, o experiment.Options, id string) (folder.Folder, error) {
	source, err := s.YAML()
	if err != nil {
		return folder.Folder{}, err
	}
	files, err := folder.MakeNewest(o.Out, id, o.Warn)
	if err != nil {
		return folder.Folder{}, err
	}
	if err := files.Write(scenarioName, source); err != nil {
		files.Close()
		return folder.Folder{}, err
	}
	return files, nil
}

// writeScenario writes a scenario, with a comment above it.
func writeScenario(files folder.Folder, name string, s *scenarios.Scenario, comment string) error {
	source, err := s.YAML()
	if err != nil {
		return err
	}
	var b strings.Builder
	for line := range strings.Lines(comment) {
		b.WriteString("# " + strings.TrimSuffix(line, "\n") + "\n")
	}
	b.Write(source)
	return files.Write(name, []byte(b.String()))
}
