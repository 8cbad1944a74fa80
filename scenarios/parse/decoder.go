package parse

import (
	"cmp"
	"errors"
	"regexp"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// decoder reads a scenario, and judges what it has read.
type decoder struct {
	*codec.Decoder
	catalog scenarios.Catalog
	// place has what the settings of a fault name be there; nil: the scenario is not to be run here.
	place func(scenarios.FaultSpec) error
	// file is what cluster.config_file holds.
	file configFile
}

// checkFaultSpec judges the settings of a fault: by themselves, and then by what is there.
func (d *decoder) checkFaultSpec(n *document.Node, spec scenarios.FaultSpec, c scenarios.Cluster) {
	err := spec.Check(c)
	if err == nil && d.place != nil {
		err = d.place(spec)
	}
	if err == nil && c.IsBrought() && !c.AllowDataLoss {
		err = spares(spec)
	}
	if err != nil {
		d.blameSpec(n, err)
	}
}

// spares is an error if a fault destroys data.
func spares(spec scenarios.FaultSpec) error {
	destructive, ok := spec.(scenarios.Destructive)
	if !ok || destructive.Destroys() == "" {
		return nil
	}
	return &scenarios.FieldError{Msg: "it destroys " + destructive.Destroys() + ", and this cluster is your own; leave it out, or write cluster: {allow_data_loss: true} if nothing there is needed"}
}

// checkRange blames a value that is present and out of its limits.
func checkRange[T cmp.Ordered](d *decoder, n *document.Node, got, low, high T, why string) {
	if n == nil {
		return
	}
	if err := scenarios.InRange("", got, low, high, why); err != nil {
		d.Blame(n, "%v", err)
	}
}

// checkName wants the name of a scenario or workload.
func (d *decoder) checkName(n *document.Node, name string) {
	named := n.Field("name")
	if named == nil {
		prefix := ""
		if n.Name != "" {
			prefix = n.Name + ": "
		}
		d.At(n.Pos, "%smissing \"name\"", prefix)
		return
	}
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`).MatchString(name) {
		d.Blame(named, "%q is not a name; write up to 63 lower-case letters, digits and dashes, such as master-kill", name)
	}
}

// wantFields blames a mapping that lacks one of some fields.
func (d *decoder) wantFields(n *document.Node, names ...string) bool {
	for _, name := range names {
		if n.Field(name) == nil {
			d.At(n.Pos, "%s: missing %q; it needs %s", n.Name, name, strings.Join(names, " and "))
			return false
		}
	}
	return true
}

// culprit is the position to blame for values that do not go together: that of
// the first one that came from --set, since the file was in order without it,
// or else that of the first one.
func culprit(nodes ...*document.Node) document.Position {
	for _, n := range nodes {
		if n.Pos.Set != "" {
			return n.Pos
		}
	}
	return nodes[0].Pos
}

// blameSpec puts the error of a Check at the field that it names.
func (d *decoder) blameSpec(spec *document.Node, err error) {
	var fieldErr *scenarios.FieldError
	if errors.As(err, &fieldErr) && fieldErr.Field != "" {
		if field := spec.At(fieldErr.Field); field != nil {
			d.Blame(field, "%s", fieldErr.Msg)
			return
		}
	}
	d.Blame(spec, "%v", err)
}
