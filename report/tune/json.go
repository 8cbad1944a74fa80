package tune

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/set"
)

func writeJSON(w io.Writer, t *Tune) error { return form.JSON(w, t.listed()) }

// listed is the sweep with lists where there is nothing, so that nobody has to expect null.
func (t *Tune) listed() *Tune {
	l := *t
	l.Parameters, l.Notes = present(l.Parameters), present(l.Notes)
	l.Recommendation.RunnersUp, l.Recommendation.Verdicts = present(l.Recommendation.RunnersUp), present(l.Recommendation.Verdicts)
	l.Points = present(slices.Clone(l.Points))
	for i := range l.Points {
		p := &l.Points[i]
		p.Values = present(p.Values)
		p.Failures, p.Hiccups = present(slices.Clone(p.Failures)), present(slices.Clone(p.Hiccups))
		for j := range p.Failures {
			p.Failures[j].Runs, p.Failures[j].Figures = present(p.Failures[j].Runs), present(p.Failures[j].Figures)
		}
		for j := range p.Hiccups {
			p.Hiccups[j].Trials, p.Hiccups[j].Runs = present(p.Hiccups[j].Trials), present(p.Hiccups[j].Runs)
		}
	}
	return &l
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// MaxBytes is how long a tune.json may be that is read.
const MaxBytes = 64 << 20

// Read reads a tune.json, which may come from elsewhere: it is no longer than MaxBytes, and holds
// nothing that a sweep cannot have found.
func Read(r io.Reader) (*Tune, error) { return read(r, MaxBytes) }

func read(r io.Reader, limit int64) (*Tune, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading tune.json: %w", err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("tune.json is longer than %d bytes, and so no file of a sweep", limit)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("tune.json is not JSON of a sweep: %w", atLine(text, err))
	}
	if head.Schema != Schema {
		return nil, fmt.Errorf("tune.json has the schema %q, and that of a sweep is %q", head.Schema, Schema)
	}
	var t Tune
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("tune.json is not JSON of a sweep: %w", atLine(text, err))
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("tune.json: %w", err)
	}
	return &t, nil
}

// atLine says where in a text an error of JSON is.
func atLine(text []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &typed):
		offset = typed.Offset
	}
	if offset < 0 || offset > int64(len(text)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:offset], []byte("\n")), err)
}

// check tells what no sweep can have found.
func (t *Tune) check() error {
	if err := t.Constraints.Check(); err != nil {
		return err
	}
	for _, p := range t.Parameters {
		if p.Path == "" || len(p.Values) == 0 {
			return fmt.Errorf("parameter %q has %d values, and needs a path and a value", p.Path, len(p.Values))
		}
	}
	for i, p := range t.Points {
		if err := p.check(t.Parameters); err != nil {
			return fmt.Errorf("points[%d]: %w", i, err)
		}
	}
	return t.Recommendation.check(len(t.Points))
}

func (p Point) check(parameters []Parameter) error {
	if len(p.Values) != len(parameters) {
		return fmt.Errorf("it has %s of %s", plural(len(p.Values), "value", "values"), plural(len(parameters), "parameter", "parameters"))
	}
	for _, predicted := range []*[2]record.Millis{p.Predicted, p.PredictedHiccup} {
		if predicted != nil && !(0 <= predicted[0] && predicted[0] <= predicted[1] && predicted[1] < aYear) {
			return fmt.Errorf("it is predicted to take from %g to %g ms", predicted[0], predicted[1])
		}
	}
	for _, mean := range []*record.Millis{p.PredictedMean, p.PredictedL05} {
		if mean != nil && !(0 <= *mean && *mean < aYear) {
			return fmt.Errorf("it is predicted to take %g ms", *mean)
		}
	}
	for _, f := range p.Failures {
		if err := checkRuns(f.Runs); err != nil {
			return fmt.Errorf("failure %q: %w", f.Kind, err)
		}
	}
	for _, h := range p.Hiccups {
		if err := h.check(); err != nil {
			return fmt.Errorf("hiccup %q: %w", h.Kind, err)
		}
	}
	return nil
}

// mostOfAll is above every figure of a run that can be true.
const mostOfAll = 1e15

func checkRuns(runs []set.Run) error {
	for _, r := range runs {
		if r.Dir != "" && !isPlace(r.Dir) {
			return fmt.Errorf("run %q is in %q, which is no folder within that of the sweep", r.ID, r.Dir)
		}
		for name, v := range r.Values {
			if !(0 <= v && v < mostOfAll || v.IsNever()) {
				return fmt.Errorf("run %q has a %s of %g", r.ID, name, v)
			}
		}
	}
	return nil
}

func (h Hiccup) check() error {
	for i, trial := range h.Trials {
		if !(trial.Length >= 0 && trial.Length < aYear) {
			return fmt.Errorf("trials[%d] lasted %g ms", i, trial.Length)
		}
	}
	th := h.Threshold
	for _, q := range [][]*float64{{th.L05CI[0], th.L05, th.L05CI[1]}, {th.L50CI[0], th.L50, th.L50CI[1]}} {
		least := 0.0
		for _, v := range q {
			if v == nil {
				continue
			}
			if !(*v > 0 && *v >= least && *v < aYear) {
				return fmt.Errorf("the threshold is %g ms, which is not within its interval", *v)
			}
			least = *v
		}
	}
	if th.N < 0 || h.FalseFailovers < 0 || h.FalseFailovers > len(h.Trials) {
		return fmt.Errorf("%d of %d trials caused a failover", h.FalseFailovers, len(h.Trials))
	}
	return checkRuns(h.Runs)
}

func (r Recommendation) check(points int) error {
	for _, i := range r.RunnersUp {
		if i < 0 || i >= points {
			return fmt.Errorf("recommendation: runner-up %d is none of %s", i, plural(points, "point", "points"))
		}
	}
	if r.Point != nil && (*r.Point < 0 || *r.Point >= points) {
		return fmt.Errorf("recommendation: point %d is none of %s", *r.Point, plural(points, "point", "points"))
	}
	if len(r.Verdicts) != 0 && len(r.Verdicts) != points {
		return fmt.Errorf("recommendation: %d verdicts on %s", len(r.Verdicts), plural(points, "point", "points"))
	}
	return nil
}
