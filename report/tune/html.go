package tune

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
)

//go:embed tune.html.tmpl
var pageTemplate string

// writeHTML renders one page that needs nothing but itself. Its links lead to the folders of the
// runs, beside it.
func writeHTML(w io.Writer, t *Tune) error {
	return page.WriteHTML(w, "tune.html", pageTemplate, newContent(t))
}

// content is what the template shows.
type content struct {
	*Tune
	Title             string
	Headline, Rest    string // the recommendation's sentence
	Badge, BadgeClass string
	Beside            []string // what is said below the recommendation
	Of                string   // the point that the constraints are held against
	Constraints       []held
	Chart             *chart
	Values            page.Section
	Lanes             *lanes
	Details           []page.Section
}

// held is a constraint beside what was found.
type held struct {
	Flag, Asked, Found string
	Met                bool
}

func newContent(t *Tune) content {
	d := newDecision(t)
	c := content{
		Tune: t, Title: "chaos tune " + t.Scenario, Badge: "NONE", BadgeClass: "none", Beside: d.beside(),
		Chart: d.chart(), Values: d.values(), Lanes: d.lanes(), Details: d.sections(),
	}
	c.Of, c.Constraints = d.held()
	if before, rest, ok := strings.Cut(t.Recommendation.Sentence, ": "); ok {
		c.Headline, c.Rest = before, ": "+rest
	} else {
		c.Headline = before
	}
	if i := t.recommended(); i >= 0 {
		c.Badge, c.BadgeClass = t.Points[i].name(), "pass"
		c.Title = fmt.Sprintf("%s: %s", c.Badge, c.Title)
	}
	return c
}

// beside is what is said of the recommendation beside its sentence and its rule.
func (d *decision) beside() (all []string) {
	r := d.Recommendation
	for _, text := range []string{r.Cost, r.Certainty, d.runnersUp()} {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}

// runnersUp names the next best points.
func (d *decision) runnersUp() string {
	var names []string
	for _, i := range d.Recommendation.RunnersUp {
		names = append(names, d.Points[i].name())
	}
	switch {
	case len(names) == 0:
		return ""
	case d.Recommendation.Point == nil:
		return fmt.Sprintf("Nearest to the constraints: %s.", enumerate(names))
	default:
		return fmt.Sprintf("Next best: %s.", enumerate(names))
	}
}

// held are the constraints beside what was found of the point that is recommended, or else of
// the nearest: of is its name.
func (d *decision) held() (of string, all []held) {
	points := d.Recommendation.RunnersUp
	if point := d.recommended(); point >= 0 {
		points = []int{point}
	}
	if len(points) == 0 {
		return "", nil
	}
	c := d.points[points[0]]
	for i, q := range d.requirements {
		all = append(all, held{q.flag, q.write(q.limit), c.outcomes[i].found, c.outcomes[i].met})
	}
	return c.name, all
}
