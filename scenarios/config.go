package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/directive"
)

// minNodeTimeout, in milliseconds: below it, the heartbeats of a healthy
// cluster come too late.
const minNodeTimeout = 100

// decodeConfig reads redis.conf directives, keeping values as written: 5000
// stays 5000 whatever YAML makes of it, and true becomes the yes of redis.conf.
func (d *decoder) decodeConfig(n *node, config *Config) {
	if !d.want(n, mappingNode, "a mapping") {
		return
	}
	named := regexp.MustCompile(`^[a-z][a-z0-9-]*$|^[A-Za-z0-9_-]+\.[A-Za-z0-9_.-]+$`) // the latter a module's
	for _, f := range n.fields {
		if !named.MatchString(f.name) {
			d.mark(f.value)
			d.at(f.pos, "%q is not a directive; write one as in redis.conf, in lower case", f.name)
			continue
		}
		lines, ok := d.directiveLines(f)
		if !ok {
			continue
		}
		if *config == nil {
			*config = Config{}
		}
		(*config)[f.name] = lines
	}
}

// checkDirectives wants directives that are known to do no harm, with arguments that do
// none.
func (d *decoder) checkDirectives(config *node, extra []string) {
	if config == nil {
		return
	}
	for _, f := range config.fields {
		if !d.sound(f.value) {
			continue
		}
		if problem := directive.CheckKnown(f.name, extra, closest); problem != "" {
			d.mark(f.value)
			d.at(f.pos, "%s", problem)
			continue
		}
		for _, line := range linesOf(f.value) {
			if problem := directive.Check(f.name, line.text); problem != "" {
				d.blame(line, "%s", problem)
			}
		}
	}
}

// checkModules wants a module to be loaded where a directive is of one: a server without
// would not start. Images other than the default one may load some by themselves.
func (d *decoder) checkModules(config *node, image string) {
	if config == nil || config.field("loadmodule") != nil || image != DefaultImage {
		return
	}
	for _, f := range config.fields {
		if strings.Contains(f.name, ".") && d.mark(f.value) {
			d.at(f.pos, "%s is a directive of a module, and none is loaded; write loadmodule: /path/to/module.so, too, or an image that loads it (cluster.image). "+
				"The modules that come with Redis 8 have a dash there: %s", f.name, strings.Replace(f.name, ".", "-", 1))
		}
	}
}

// directiveLines reads the lines of a directive: one, or a list.
func (d *decoder) directiveLines(f field) (lines []string, ok bool) {
	items := []*node{f.value}
	if f.value.kind == listNode {
		switch {
		case !slices.Contains(directive.OnSeveralLines(), f.name):
			d.blame(f.value, "a list where a single value belongs; write its parts as one string. A list is for what may stand on several lines: %s", strings.Join(directive.OnSeveralLines(), ", "))
			return nil, false
		case len(f.value.items) == 0:
			d.blame(f.value, "an empty list; write a line, or leave the key out")
			return nil, false
		}
		items = f.value.items
	}
	for _, item := range items {
		if line, ok := d.directiveValue(item); ok {
			lines = append(lines, line)
		}
	}
	return lines, len(lines) == len(items)
}

func (d *decoder) directiveValue(n *node) (value string, ok bool) {
	switch n.kind {
	case nullNode:
		d.blame(n, "no value; write \"\" for an empty one")
		return "", false
	case listNode:
		d.blame(n, "a list where a line belongs; write its parts as one string, such as \"900 1\"")
		return "", false
	case mappingNode:
		d.blame(n, "a mapping where a single value belongs")
		return "", false
	}
	value = n.text
	if b, err := parseBool(value); err == nil && !n.quoted {
		value = "no"
		if b {
			value = "yes"
		}
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		d.blame(n, "the value of a directive is one line of text")
		return "", false
	}
	switch n.name {
	case "cluster-node-timeout":
		return value, d.checkNodeTimeout(n)
	case "cluster-preferred-endpoint-type":
		if value == "unknown-endpoint" {
			d.blame(n, "go-redis cannot read the answer of CLUSTER SLOTS with unknown-endpoint; write ip or hostname")
			return "", false
		}
	}
	return value, true
}

func (d *decoder) checkNodeTimeout(n *node) bool {
	ms, err := strconv.Atoi(n.text)
	if err == nil && ms >= minNodeTimeout {
		return true
	}
	instead := ""
	if span, err := ParseDuration(n.text); err == nil && span.D().Milliseconds() >= minNodeTimeout {
		instead = "; write " + strconv.FormatInt(span.D().Milliseconds(), 10)
	}
	d.blame(n, "%q is not a number of milliseconds, at least %d, and Redis takes nothing else%s", n.text, minNodeTimeout, instead)
	return false
}
