package soak

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/shrink"
	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/visible"
	"github.com/redis-chaos/redis-chaos/report/words"
)

// The schemas of soak.json and of shrink.json. Fields are added, never renamed.
const (
	Schema       = "redis-chaos/soak/v1"
	ShrinkSchema = "redis-chaos/shrink/v1"
)

// The files that a soak leaves beside the folders of its runs.
const (
	soakName     = "soak.json"
	pageName     = "soak.html"
	junitName    = "junit.xml"
	shrinkName   = "shrink.json"
	scenarioName = "scenario.yaml"
	foundName    = "found.yaml"  // the schedule that did it
	shrunkName   = "shrunk.yaml" // what is left of it
)

// Soak is what came of rounds of random faults.
type Soak struct {
	Schema   string        `json:"schema"`
	ID       string        `json:"id"`
	Scenario string        `json:"scenario"`
	Command  string        `json:"command"`
	Tool     string        `json:"tool"`
	Started  time.Time     `json:"started"`
	Seed     int64         `json:"seed"`
	Asked    record.Millis `json:"asked_ms"`
	Duration record.Millis `json:"duration_ms"` // without shrinking
	Ended    Ending        `json:"ended"`
	Error    string        `json:"error,omitempty"`
	// Rounds were made, of which NotRun could not be carried out.
	Rounds int `json:"rounds"`
	NotRun int `json:"not_run"`
	Totals
	// Made are the rounds, in order.
	Made   []Round `json:"made"`
	Found  *Found  `json:"found"`
	Shrunk *Shrunk `json:"shrunk"`
}

// Round is what came of one.
type Round struct {
	Seed     int64          `json:"seed"`
	Verdict  report.Verdict `json:"verdict"`
	Duration record.Millis  `json:"duration_ms"`
	Totals
	Violated []Violation `json:"violated,omitempty"`
	// Error is why it could not be carried out, if it could not.
	Error string `json:"error,omitempty"`
}

// Totals are sums over all rounds.
type Totals struct {
	Faults      int   `json:"faults"`
	Failovers   int   `json:"failovers"`
	Outages     int   `json:"outages"`
	Unexplained int   `json:"unexplained_outages"` // of the outages
	Acked       int64 `json:"acked"`
	Lost        int64 `json:"lost"`
}

// Ending is why the rounds ended.
type Ending string

// The reasons for the end of the rounds.
const (
	TimeUp      Ending = "time"
	WasFound    Ending = "found"
	Interrupted Ending = "interrupted"
	Failed      Ending = "error"
)

// Violation is what a run was to hold, and did not.
type Violation struct {
	Name string `json:"name"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

func (v Violation) String() string { return fmt.Sprintf("%s: want %s, got %s", v.Name, v.Want, v.Got) }

// Found is the round that ended a soak.
type Found struct {
	Round    int         `json:"round"`
	Seed     int64       `json:"seed"`
	Violated []Violation `json:"violated"`
	// Dir is the folder of its run, and Schedule the scenario that it was, with nothing left to chance.
	Dir      string `json:"dir"`
	Schedule string `json:"schedule"`
	Faults   int    `json:"faults"`
}

// Shrunk is what came of shrinking.
type Shrunk struct {
	Schema   string        `json:"schema"`
	Scenario string        `json:"scenario"`
	Seed     int64         `json:"seed"`
	Duration record.Millis `json:"duration_ms"`
	// Violated are the expectations one of which a run has to violate to count as failing.
	Violated []string      `json:"violated"`
	Ended    shrink.Ending `json:"ended"`
	Error    string        `json:"error,omitempty"`
	// Faults there were, and Left is how many are left, in runs of RunDuration.
	Faults      int    `json:"faults"`
	Left        int    `json:"left"`
	RunDuration string `json:"run_duration"`
	// Runs is how many were made. Of Of runs of the smallest schedule FailedOf failed; its chance to fail is between
	// Low and High with 95 % confidence.
	Runs     int     `json:"runs"`
	Of       int     `json:"of"`
	FailedOf int     `json:"failed_of"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	// Missed is how likely it is at most that a smaller schedule that was tried fails as often, and was not seen to; nil
	// if the search did not come to its end.
	Missed *float64       `json:"missed"`
	Trials []shrink.Trial `json:"trials"`
	// Schedule is the smallest scenario that was seen failing, and Dir the folder of a run of it; empty if there
	// is none.
	Schedule string `json:"schedule,omitempty"`
	Dir      string `json:"dir,omitempty"`
}

// Reproduced tells whether it failed again.
func (s *Shrunk) Reproduced() bool {
	return slices.ContainsFunc(s.Trials, func(t shrink.Trial) bool { return t.Failed > 0 })
}

// Forms are those of a soak.
func Forms() form.Forms[*Soak] {
	return form.Forms[*Soak]{
		Files:   []form.Form[*Soak]{form.File(soakName, form.JSON[*Soak]), form.Page(pageName, writeHTML), form.File(junitName, writeJUnit)},
		Summary: form.Summary("summary", func(s *Soak, _ page.TextOptions) string { return s.text() }),
	}
}

// ShrinkForms are those of what came of shrinking.
func ShrinkForms() form.Forms[*Shrunk] {
	return form.Forms[*Shrunk]{
		Files:   []form.Form[*Shrunk]{form.File(shrinkName, form.JSON[*Shrunk])},
		Summary: form.Summary("summary", func(s *Shrunk, _ page.TextOptions) string { return s.text() }),
	}
}

// came is what the soak came to, as terminals and pages begin with it.
func (s *Soak) came() string {
	return map[Ending]string{TimeUp: "PASS", WasFound: "FAIL", Interrupted: "INTERRUPTED", Failed: "ERROR"}[s.Ended]
}

func (s *Soak) headline() string {
	return fmt.Sprintf("%s, %s in %s, seed %d", s.Scenario, words.Plural(int64(s.Rounds), "round"), s.Duration.D().Round(time.Second), s.Seed)
}

// story is what all rounds came to, in sentences.
func (s *Soak) story() (sentences []string) {
	if s.Error != "" {
		sentences = append(sentences, s.Error)
	}
	sentences = append(sentences, fmt.Sprintf("%s, %s, %s (%d of unknown cause), %s acked, %s lost.", words.Plural(int64(s.Faults), "fault"), words.Plural(int64(s.Failovers), "failover"), words.Plural(int64(s.Outages), "outage"), s.Unexplained, words.Plural(s.Acked, "write"), words.Count(s.Lost)))
	if s.NotRun > 0 {
		sentences = append(sentences, fmt.Sprintf("%s could not be carried out, and told nothing.", words.Plural(int64(s.NotRun), "round")))
	}
	return sentences
}

func (s *Soak) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", s.came(), visible.Line(s.headline()))
	for _, sentence := range s.story() {
		fmt.Fprintf(&b, "  %s\n", visible.Line(sentence))
	}
	if f := s.Found; f != nil {
		fmt.Fprintf(&b, "  Round %d, of seed %d, did not hold what it was to:\n", f.Round, f.Seed)
		for _, v := range f.Violated {
			fmt.Fprintf(&b, "    %s\n", visible.Line(v.String()))
		}
		fmt.Fprintf(&b, "  its run:      %s\n  its schedule: %s (%s)\n", visible.Line(f.Dir), visible.Line(f.Schedule), words.Plural(int64(f.Faults), "fault"))
	}
	if s.Shrunk != nil {
		b.WriteString("\n" + s.Shrunk.text())
	}
	return b.String()
}

func (s *Shrunk) text() string {
	var b strings.Builder
	took := s.Duration.D().Round(time.Second)
	if !s.Reproduced() {
		fmt.Fprintf(&b, "Not shrunk: %s of %s in %s, and none failed", words.Plural(int64(s.Runs), "run"), visible.Line(s.Scenario), took)
		if len(s.Violated) > 0 {
			fmt.Fprintf(&b, " by %s", strings.Join(s.Violated, ", "))
		}
		if s.Ended != shrink.NotReproduced {
			fmt.Fprintf(&b, "; then the search ended: %s", s.ended())
		}
		fmt.Fprintf(&b, ". With 95 %% confidence, fewer than %.0f %% of its runs do.\n", 100*s.High)
		return b.String()
	}
	fmt.Fprintf(&b, "Shrunk: %s to %d, in runs of %s, by %s in %s\n\n", words.Plural(int64(s.Faults), "fault"), s.Left, s.RunDuration, words.Plural(int64(s.Runs), "run"), took)
	fmt.Fprintf(&b, "  It failed in %d of %s: in %.0f to %.0f %% with 95 %% confidence.\n", s.FailedOf, words.Plural(int64(s.Of), "run"), 100*s.Low, 100*s.High)
	if s.Missed != nil {
		fmt.Fprintf(&b, "  That a smaller one of those tried fails as often, and was not seen to, has a chance of at most %.1f %% each.\n", 100**s.Missed)
	} else {
		fmt.Fprintf(&b, "  Smaller ones may fail, too: %s.\n", s.ended())
	}
	if s.Dir != "" {
		fmt.Fprintf(&b, "  a run of it: %s\n", visible.Line(s.Dir))
	}
	fmt.Fprintf(&b, "  schedule:    %s\n", visible.Line(s.Schedule))
	return b.String()
}

// ended says why the search ended before its end.
func (s *Shrunk) ended() string {
	switch s.Ended {
	case shrink.OutOfTime:
		return "there was no more time"
	case shrink.Interrupted:
		return "it was interrupted"
	default:
		return visible.Line(s.Error)
	}
}
