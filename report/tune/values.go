package tune

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ranks are the points' values as numbers that sort: by their size where all values of a
// parameter have one, and else in the order in which they were asked for.
func (t *Tune) ranks() [][]float64 {
	ranks := make([][]float64, len(t.Points))
	for i, p := range t.Points {
		for j, v := range p.Values {
			var of Parameter
			if j < len(t.Parameters) {
				of = t.Parameters[j]
			}
			ranks[i] = append(ranks[i], of.rank(v))
		}
	}
	return ranks
}

func (p Parameter) rank(value string) float64 {
	sizes := make([]float64, len(p.Values))
	for i, v := range p.Values {
		var ok bool
		if sizes[i], ok = size(v); !ok {
			return float64(slices.Index(p.Values, value))
		}
	}
	n, _ := size(value)
	return n
}

// size is a value as a number: a length of time in ms, or a plain number.
func size(value string) (float64, bool) {
	if d, err := time.ParseDuration(value); err == nil {
		return float64(d) / float64(time.Millisecond), true
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil && n == n
}

// Name is the directive, or the path where it is none of the server's.
func (p Parameter) Name() string {
	return strings.TrimPrefix(p.Path, "cluster.config.")
}

// settings say what to set to what: “cluster-node-timeout to 2s and appendfsync to always”.
func (t *Tune) settings(p Point) string {
	var all []string
	for i, v := range p.Values {
		if i < len(t.Parameters) {
			all = append(all, fmt.Sprintf("%s to %s", t.Parameters[i].Name(), v))
		}
	}
	return joined(all)
}

// ofTried counts the points that were measured: “of the five values tried”.
func (d *decision) ofTried() string {
	thing := "value"
	if len(d.Parameters) > 1 {
		thing = "combination"
	}
	how := "tried"
	if len(d.measured) < len(d.Points) {
		how = "that could be judged"
	}
	if len(d.measured) == 1 {
		return fmt.Sprintf("the only %s %s", thing, how)
	}
	return fmt.Sprintf("of the %s %ss %s", spelled(len(d.measured)), thing, how)
}

// series is a run of the points' names in words, in order of their values: “up to 1s”, “from 2s
// on”, “with 1s and 5s”.
func (d *decision) series(of []candidate) string {
	var names []string
	for _, c := range of {
		names = append(names, c.name)
	}
	if len(d.Parameters) == 1 && len(of) > 1 && len(of) < len(d.measured) {
		switch first, last := of[0].point, of[len(of)-1].point; {
		case first == d.measured[0].point && last == d.measured[len(of)-1].point:
			return "up to " + names[len(names)-1]
		case last == d.measured[len(d.measured)-1].point && first == d.measured[len(d.measured)-len(of)].point:
			return fmt.Sprintf("from %s on", names[0])
		}
	}
	if len(of) == len(d.measured) && len(of) > 1 {
		return "with every value"
	}
	return "with " + enumerate(names)
}
