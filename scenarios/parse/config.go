package parse

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// minNodeTimeout, in milliseconds: below it, the heartbeats of a healthy
// cluster come too late.
const minNodeTimeout = 100

// decodeConfig reads redis.conf directives, keeping values as written: 5000
// stays 5000 whatever YAML makes of it, and true becomes the yes of redis.conf.
func (d *decoder) decodeConfig(n *document.Node, config *scenarios.Config) {
	if !d.Want(n, document.Mapping, "a mapping") {
		return
	}
	named := regexp.MustCompile(`^[a-z][a-z0-9-]*$|^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+$`) // the latter a module's
	for _, f := range n.Fields {
		if !named.MatchString(f.Name) {
			d.Mark(f.Value)
			d.At(f.Pos, "%q is not a directive; write one as in redis.conf, in lower case", f.Name)
			continue
		}
		lines, ok := d.directiveLines(f)
		if !ok {
			continue
		}
		if *config == nil {
			*config = scenarios.Config{}
		}
		(*config)[f.Name] = lines
	}
}

// checkDirectives wants directives that are known to do no harm, with arguments that do
// none.
func (d *decoder) checkDirectives(config *document.Node, extra []string) {
	if config == nil {
		return
	}
	for _, f := range config.Fields {
		if !d.Sound(f.Value) {
			continue
		}
		if problem := directive.CheckKnown(f.Name, extra, suggest.Closest); problem != "" {
			d.Mark(f.Value)
			d.At(f.Pos, "%s", problem)
			continue
		}
		for _, line := range linesOf(f.Value) {
			if problem := directive.Check(f.Name, line.Text); problem != "" {
				d.Blame(line, "%s", problem)
			}
		}
	}
}

// checkModules wants a module to be loaded where a directive is of one: a server without
// would not start. Images other than the default one may load some by themselves.
func (d *decoder) checkModules(config *document.Node, image string) {
	if config == nil || config.Field("loadmodule") != nil || image != scenarios.DefaultImage {
		return
	}
	for _, f := range config.Fields {
		if strings.Contains(f.Name, ".") && d.Mark(f.Value) {
			d.At(f.Pos, "%s is a directive of a module, and none is loaded; write loadmodule: /path/to/module.so, too, or an image that loads it (cluster.image). "+
				"The modules that come with Redis 8 have a dash there: %s", f.Name, strings.Replace(f.Name, ".", "-", 1))
		}
	}
}

// directiveLines reads the lines of a directive: one, or a list.
func (d *decoder) directiveLines(f document.Field) (lines []string, ok bool) {
	items := []*document.Node{f.Value}
	if f.Value.Kind == document.List {
		switch {
		case !slices.Contains(directive.OnSeveralLines(), f.Name):
			d.Blame(f.Value, "a list where a single value belongs; write its parts as one string. A list is for what may stand on several lines: %s", strings.Join(directive.OnSeveralLines(), ", "))
			return nil, false
		case len(f.Value.Items) == 0:
			d.Blame(f.Value, "an empty list; write a line, or leave the key out")
			return nil, false
		}
		items = f.Value.Items
	}
	for _, item := range items {
		if line, ok := d.directiveValue(item); ok {
			lines = append(lines, line)
		}
	}
	return lines, len(lines) == len(items)
}

func (d *decoder) directiveValue(n *document.Node) (value string, ok bool) {
	switch n.Kind {
	case document.Null:
		d.Blame(n, "no value; write \"\" for an empty one")
		return "", false
	case document.List:
		d.Blame(n, "a list where a line belongs; write its parts as one string, such as \"900 1\"")
		return "", false
	case document.Mapping:
		d.Blame(n, "a mapping where a single value belongs")
		return "", false
	}
	value = n.Text
	if b, err := codec.ParseBool(value); err == nil && !n.Quoted {
		value = "no"
		if b {
			value = "yes"
		}
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		d.Blame(n, "the value of a directive is one line of text")
		return "", false
	}
	switch n.Name {
	case "cluster-node-timeout":
		return value, d.checkNodeTimeout(n)
	case "cluster-preferred-endpoint-type":
		if value == "unknown-endpoint" {
			d.Blame(n, "go-redis cannot read the answer of CLUSTER SLOTS with unknown-endpoint; write ip or hostname")
			return "", false
		}
	}
	return value, true
}

func (d *decoder) checkNodeTimeout(n *document.Node) bool {
	ms, err := strconv.Atoi(n.Text)
	if err == nil && ms >= minNodeTimeout {
		return true
	}
	instead := ""
	if span, err := units.ParseDuration(n.Text); err == nil && span.D().Milliseconds() >= minNodeTimeout {
		instead = "; write " + strconv.FormatInt(span.D().Milliseconds(), 10)
	}
	d.Blame(n, "%q is not a number of milliseconds, at least %d, and Redis takes nothing else%s", n.Text, minNodeTimeout, instead)
	return false
}

// linesOf is the lines of a directive that may stand on several.
func linesOf(n *document.Node) []*document.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == document.List:
		return n.Items
	default:
		return []*document.Node{n}
	}
}
