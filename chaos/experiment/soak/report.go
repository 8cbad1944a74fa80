package soak

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/junit"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/words"
)

//go:embed soak.html.tmpl
var pageSource string

// writeHTML renders one page that needs nothing but itself.
func writeHTML(w io.Writer, s *Soak) error {
	verdict := map[Ending]report.Verdict{TimeUp: report.Pass, WasFound: report.Fail}[s.Ended]
	return page.WriteHTML(w, pageName, pageSource, content{s, s.came(), verdict, s.headline(), s.story(), s.sections()})
}

// content is what the template shows.
type content struct {
	*Soak
	Badge    string
	Verdict  report.Verdict // "" of a soak that was not carried out to its end
	Headline string
	Story    []string
	Details  []page.Section
}

func (s *Soak) sections() (all []page.Section) {
	if f := s.Found; f != nil {
		found := page.Section{Title: fmt.Sprintf("Round %d did not hold", f.Round), Lists: [][]string{nil}}
		for _, v := range f.Violated {
			found.Lists[0] = append(found.Lists[0], v.String())
		}
		found.Outro = fmt.Sprintf("Its run is in %s, its schedule of %s in %s.", page.Code(f.Dir), words.Plural(int64(f.Faults), "fault"), page.Code(f.Schedule))
		all = append(all, found)
	}
	if s.Shrunk != nil {
		all = append(all, page.Section{Title: "Shrinking", Pre: s.Shrunk.text()})
	}
	rounds := page.Section{Title: "Rounds", Columns: page.Columns("round", "seed", "came to", ">took", ">faults", ">failovers", ">outages", ">of unknown cause", ">acked", ">lost", "")}
	for i, r := range s.Made {
		rounds.Rows = append(rounds.Rows, []string{fmt.Sprint(i + 1), fmt.Sprint(r.Seed), strings.ToUpper(string(r.Verdict)), words.Duration(r.Duration),
			fmt.Sprint(r.Faults), fmt.Sprint(r.Failovers), fmt.Sprint(r.Outages), fmt.Sprint(r.Unexplained), words.Count(r.Acked), words.Count(r.Lost), r.why()})
	}
	return append(all, rounds)
}

// why is what the round did not hold, or why it could not be carried out.
func (r Round) why() string {
	if r.Error != "" {
		return r.Error
	}
	var all []string
	for _, v := range r.Violated {
		all = append(all, v.String())
	}
	return strings.Join(all, "; ")
}

// writeJUnit renders one suite with a test for the soak, and one for each round. A round that could not be carried out
// tells nothing, and was not made.
func writeJUnit(w io.Writer, s *Soak) error {
	suite := junit.New(s.Started, s.Duration)
	suite.Properties = []junit.Property{
		{Name: "soak", Value: s.ID}, {Name: "seed", Value: fmt.Sprint(s.Seed)}, {Name: "tool", Value: s.Tool}, {Name: "command", Value: s.Command},
	}
	whole := junit.Case{Class: s.Scenario, Name: "soak", Time: suite.Time, Output: s.text()}
	switch s.Ended {
	case Failed:
		whole.Error = junit.Errored(s.Error)
	case Interrupted:
		whole.Error = junit.Errored("interrupted")
	}
	suite.Add(whole)
	for i, r := range s.Made {
		c := junit.Case{Class: s.Scenario, Name: fmt.Sprintf("round %d (seed %d)", i+1, r.Seed), Time: junit.Seconds(r.Duration)}
		switch r.Verdict {
		case report.Error:
			c.Skipped = junit.NotMade(r.why())
		case report.Fail:
			c.Failure = junit.Failed(r.why())
		}
		suite.Add(c)
	}
	return junit.Write(w, suite)
}
