package doctor

import (
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
)

// Config is directives by name, each with the arguments of its lines.
type Config map[string][]string

// Value is the arguments of the last line of a directive, under its own or an older name, and whether it is given.
func (c Config) Value(name string) (string, bool) {
	lines := c[directive.Modern(name)]
	if len(lines) == 0 {
		return "", false
	}
	return lines[len(lines)-1], true
}

// Is tells whether a directive is given, and has a value.
func (c Config) Is(name, value string) bool {
	given, ok := c.Value(name)
	return ok && strings.EqualFold(given, value)
}

// Number is the value of a directive that is a number; false if it is not given.
func (c Config) Number(name string) (int, bool) {
	text, ok := c.Value(name)
	n, err := strconv.Atoi(text)
	return n, ok && err == nil
}

// add adds a line, with its quotes taken off where it is a single value. Another value takes the place of the one
// before, but where a directive may stand on several lines.
func (c Config) add(name, args string) {
	if words, ok := directive.Split(args); ok && len(words) == 1 {
		args = words[0]
	}
	name = directive.Modern(strings.ToLower(name))
	for _, several := range directive.OnSeveralLines() {
		if name == several {
			c[name] = append(c[name], args)
			return
		}
	}
	c[name] = []string{args}
}

// port is where it takes connections in the clear, and bus where its bus is, unless another one is announced.
func (c Config) port() int {
	if n, ok := c.Number("port"); ok && n > 0 {
		return n
	}
	if n, ok := c.Number("tls-port"); ok && n > 0 {
		return n
	}
	return 6379
}

func (c Config) bus() int {
	const aboveThePort = 10000
	if n, ok := c.Number("cluster-port"); ok && n > 0 {
		return n
	}
	return c.port() + aboveThePort
}

// isPersistent tells whether a server that starts again has what it had: from an AOF, from a snapshot that may be old,
// or not at all.
func (c Config) isPersistent() (aof, snapshots bool) {
	save, given := c.Value("save")
	return c.Is("appendonly", "yes"), !given || save != ""
}
