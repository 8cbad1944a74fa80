package parse

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose/directive"
	"github.com/redis-chaos/redis-chaos/compose/redisconf"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// configFile is what is to be known of cluster.config_file beside the directives that it has.
type configFile struct {
	overridden []document.Problem
	modules    map[string]string
}

// mergeConfigFile puts the directives of cluster.config_file into cluster.config, each with its position in the file, so
// that whatever is wanted of one holds for the other. What cannot be set there is told, and left out.
func (d *decoder) mergeConfigFile(cluster *document.Node) {
	n := cluster.Field("config_file")
	if n == nil || n.Kind != document.Scalar || n.Text == "" {
		return
	}
	path := n.Text
	if !filepath.IsAbs(path) && n.Pos.Set == "" { // a path on the command line is the shell's
		path = filepath.Join(filepath.Dir(d.File), path)
	}
	lines, problems, err := redisconf.Read(path)
	if err != nil {
		d.Blame(n, "%v", err)
		return
	}
	for _, p := range problems {
		d.At(positionOf(p.At), "%s", p.Msg)
	}
	config := cluster.Field("config")
	if config == nil {
		config = &document.Node{Kind: document.Mapping, Name: "config", Pos: n.Pos}
		cluster.Add("config", config)
	}
	if config.Kind == document.Null {
		config.Kind = document.Mapping
	}
	if config.Kind != document.Mapping {
		return // which is said of it when it is decoded
	}
	own := &document.Node{Kind: document.Mapping, Fields: slices.Clone(config.Fields)}
	for _, l := range lines {
		at := positionOf(l.At)
		given := fieldOf(own, l.Name)
		why := directive.Overridden(l.Name, l.Args)
		switch {
		case why == "" && given != nil:
			why = fmt.Sprintf("cluster.config has %s", given.Name)
		case why == "" && directive.Settable(l.Name):
			d.addLine(config, l)
			continue
		}
		if why != "" {
			d.override(at, l.Name, l.Args, why)
		}
	}
	addServerDefaults(config, n.Pos)
}

func positionOf(p redisconf.Position) document.Position {
	return document.Position{File: p.File, Line: p.Line, Column: p.Column}
}

// fieldOf is the directive of a mapping that has a name, be it under an older or a newer one; nil if there is none.
func fieldOf(config *document.Node, name string) *document.Field {
	i := slices.IndexFunc(config.Fields, func(f document.Field) bool { return directive.Modern(f.Name) == directive.Modern(name) })
	if i < 0 {
		return nil
	}
	return &config.Fields[i]
}

// addLine adds a line of the file to config: to those before it, or in the place of the one before it.
func (d *decoder) addLine(config *document.Node, l redisconf.Line) {
	args := l.Args
	words, _ := directive.Split(args)
	switch {
	case len(words) == 1 && words[0] == "":
		args = ""
	case l.Name == "user":
		args = directive.HashPasswords(args)
	case l.Name == "loadmodule" && len(words) > 0:
		if d.file.modules == nil {
			d.file.modules = map[string]string{}
		}
		d.file.modules[words[0]] = l.At.String()
	}
	value := &document.Node{Kind: document.Scalar, Name: l.Name, Pos: positionOf(l.ArgsAt), Text: args, Quoted: true}
	before := fieldOf(config, l.Name)
	several := slices.Contains(directive.OnSeveralLines(), l.Name)
	switch {
	case before == nil && several:
		list := &document.Node{Kind: document.List, Name: l.Name, Pos: value.Pos, Items: []*document.Node{value}}
		config.Fields = append(config.Fields, document.Field{Name: l.Name, Pos: positionOf(l.At), Value: list})
	case several:
		before.Value.Items = append(before.Value.Items, value)
	case before == nil:
		config.Fields = append(config.Fields, document.Field{Name: l.Name, Pos: positionOf(l.At), Value: value})
	default:
		*before = document.Field{Name: l.Name, Pos: positionOf(l.At), Value: value}
	}
}

// addServerDefaults has directives for which the tool has a default of its own be what servers make of a file without
// them.
func addServerDefaults(config *document.Node, at document.Position) {
	for _, d := range []struct{ name, value string }{{"appendonly", "no"}, {"cluster-node-timeout", "15000"}} {
		if config.Field(d.name) == nil {
			value := &document.Node{Kind: document.Scalar, Name: d.name, Pos: at, Text: d.value, Quoted: true}
			config.Fields = append(config.Fields, document.Field{Name: d.name, Pos: at, Value: value})
		}
	}
}

// override notes that a line of the file does not reach the nodes.
func (d *decoder) override(at document.Position, name, args, why string) {
	d.WarnAt(at, "%s: overridden, as %s", directive.Told(name, args), why)
	d.file.overridden = append(d.file.overridden, d.Warnings[len(d.Warnings)-1])
}

// takeBack removes a line of the file from what was read of it.
func (d *decoder) takeBack(config scenarios.Config, name string, line *document.Node, why string) {
	at := slices.Index(config[name], line.Text)
	if at < 0 {
		return // it has a problem of its own
	}
	if config[name] = slices.Delete(config[name], at, at+1); len(config[name]) == 0 {
		delete(config, name)
	}
	d.override(line.Pos, name, line.Text, why)
}
