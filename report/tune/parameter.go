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
		if sizes[i], ok = asNumber(v); !ok {
			return float64(slices.Index(p.Values, value))
		}
	}
	n, _ := asNumber(value)
	return n
}

// asNumber is a value as a number: a length of time in ms, or a plain number.
func asNumber(value string) (float64, bool) {
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
