// Package sweep makes runs of a scenario over values of parameters: real failures, and hiccups
// that must not cause a failover, of lengths that it searches.
package sweep

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis-chaos/redis-chaos/report/tune"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// NodeTimeout is the directive that a sweep is of if nobody says otherwise.
const NodeTimeout = "cluster-node-timeout"

// DefaultValues are the values of NodeTimeout that are tried if nobody says otherwise, and
// QuickValues those of a quick sweep.
const (
	DefaultValues = "500ms,1s,2s,5s,15s"
	QuickValues   = "1s,2s,5s"
)

// configPath is where directives are in a scenario.
const configPath = "cluster.config."

// mostPoints bounds a sweep.
const mostPoints = 100

// ParseParameter reads NAME=VALUE,VALUE… as it is written on the command line. NAME is a
// directive of redis.conf or a path as for --set. A value in brackets or braces may hold commas.
func ParseParameter(text string) (tune.Parameter, error) {
	name, values, found := strings.Cut(text, "=")
	if !found || name == "" {
		return tune.Parameter{}, fmt.Errorf("%q: write NAME=VALUE,VALUE, such as %s=%s", text, NodeTimeout, DefaultValues)
	}
	p := tune.Parameter{Path: name}
	if !strings.ContainsAny(name, ".[") && !scenarios.IsKey(name) {
		p.Path = configPath + name
	}
	for _, value := range splitValues(values) {
		value = strings.TrimSpace(value)
		if value == "" {
			return tune.Parameter{}, fmt.Errorf("%q: an empty value; write NAME=VALUE,VALUE, such as %s=%s", text, NodeTimeout, DefaultValues)
		}
		if slices.Contains(p.Values, value) {
			return tune.Parameter{}, fmt.Errorf("%q: %s stands there twice", text, value)
		}
		p.Values = append(p.Values, value)
	}
	if p.Path == configPath+NodeTimeout {
		for _, value := range p.Values {
			if _, err := timeoutOf(value); err != nil {
				return tune.Parameter{}, err
			}
		}
	}
	return p, nil
}

// splitValues splits at commas that are in no brackets.
func splitValues(text string) (values []string) {
	depth, from := 0, 0
	for i, r := range text {
		switch r {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				values, from = append(values, text[from:i]), i+1
			}
		}
	}
	return append(values, text[from:])
}

// timeoutOf reads a value of cluster-node-timeout, which the server takes in milliseconds.
func timeoutOf(value string) (time.Duration, error) {
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return 0, fmt.Errorf("%s=%s has no unit; write %sms or %ss", NodeTimeout, value, value, value)
	}
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s=%s is no time; write it like 500ms or 2s", NodeTimeout, value)
	case d < time.Millisecond || d%time.Millisecond != 0:
		return 0, fmt.Errorf("%s=%s: the server takes whole milliseconds, at least 1ms", NodeTimeout, value)
	}
	return d, nil
}

// Override is the PATH=VALUE of --set that gives a parameter a value.
func Override(path, value string) string {
	if path == configPath+NodeTimeout {
		if d, err := timeoutOf(value); err == nil {
			value = strconv.FormatInt(d.Milliseconds(), 10)
		}
	}
	return path + "=" + value
}

// Grid is every combination of the parameters' values, the last parameter's changing fastest.
func Grid(parameters []tune.Parameter) ([][]string, error) {
	points := [][]string{{}}
	for _, p := range parameters {
		if len(p.Values) == 0 {
			return nil, fmt.Errorf("parameter %s has no values", p.Path)
		}
		var more [][]string
		for _, point := range points {
			for _, value := range p.Values {
				more = append(more, append(slices.Clone(point), value))
			}
		}
		if points = more; len(points) > mostPoints {
			return nil, fmt.Errorf("the parameters have more than %d combinations; give fewer values, or name the combinations with --point", mostPoints)
		}
	}
	return points, nil
}

// ParsePoint reads NAME=VALUE;NAME=VALUE, one combination of a list, and adds its values to
// the parameters, whose names must be the same in all.
func ParsePoint(text string, parameters []tune.Parameter) ([]tune.Parameter, []string, error) {
	var names, point []string
	first := len(parameters) == 0
	for _, part := range strings.Split(text, ";") {
		p, err := ParseParameter(strings.TrimSpace(part))
		if err != nil {
			return nil, nil, err
		}
		if len(p.Values) != 1 {
			return nil, nil, fmt.Errorf("--point %q: %s has %d values, and a point has one of each; write a --point for each combination", text, p.Path, len(p.Values))
		}
		if first {
			parameters = append(parameters, tune.Parameter{Path: p.Path})
		}
		i := len(names)
		if i >= len(parameters) || parameters[i].Path != p.Path {
			return nil, nil, fmt.Errorf("--point %q: every point is of the same parameters, in the same order; the first has %s", text, strings.Join(paths(parameters), "; "))
		}
		if !slices.Contains(parameters[i].Values, p.Values[0]) {
			parameters[i].Values = append(parameters[i].Values, p.Values[0])
		}
		names, point = append(names, p.Path), append(point, p.Values[0])
	}
	if len(names) != len(parameters) {
		return nil, nil, fmt.Errorf("--point %q: every point is of the same parameters; the first has %s", text, strings.Join(paths(parameters), "; "))
	}
	return parameters, point, nil
}

func paths(parameters []tune.Parameter) (all []string) {
	for _, p := range parameters {
		all = append(all, p.Path)
	}
	return all
}
