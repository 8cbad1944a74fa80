package expect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios/codec"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// Reader reads expectations from a document.
type Reader struct {
	*codec.Decoder
	// Causes are those that can be found, by the figures that are causes.
	Causes map[string][]string
}

// Read reads the mapping from figures to their bounds.
func (r *Reader) Read(n *document.Node, expect *List) {
	if !r.Want(n, document.Mapping, "a mapping") {
		return
	}
	for _, f := range n.Fields {
		workload, metric, ok := r.figure(f)
		if !ok {
			continue
		}
		if metric.Unit == UnitCauses {
			if causes, ok := r.causes(f.Value, r.Causes[metric.Name]); ok {
				*expect = append(*expect, expectCauses(metric, workload, causes))
			}
			continue
		}
		if !r.Want(f.Value, document.Scalar, "a bound such as 0 or \"<= 8s\"") {
			continue
		}
		e, err := Parse(f.Name, f.Value.Text)
		if err != nil {
			r.Blame(f.Value, "%s", strings.TrimPrefix(err.Error(), f.Name+": "))
			continue
		}
		*expect = append(*expect, e)
	}
}

// figure reads the name of a figure, which may be one of a workload.
func (r *Reader) figure(f document.Field) (workload string, metric Metric, ok bool) {
	workload, name := SplitName(f.Name)
	metric, err := metricNamed(name)
	switch {
	case strings.HasPrefix(name+".", ofWorkload):
		r.At(f.Pos, "%q names no figure; write it like workloads.orders.lost_writes: 0", f.Name)
	case err != nil:
		r.At(f.Pos, "%v", err)
	case workload != "" && !metric.PerWorkload():
		r.At(f.Pos, "%s is a figure of the cluster, not of a workload; write %s alone, or one of %s", name, name, strings.Join(perWorkload(), ", "))
	default:
		return workload, metric, true
	}
	return "", Metric{}, false
}

// causes reads the causes that are to be found: a list, or a single one.
func (r *Reader) causes(n *document.Node, known []string) (causes []string, ok bool) {
	items := n.Items
	switch n.Kind {
	case document.Scalar:
		items = []*document.Node{n}
	case document.List:
	default:
		r.Blame(n, "%s where causes belong; write one, a list of them, or [] if none may be found", n.Describe())
		return nil, false
	}
	causes = []string{}
	for _, item := range items {
		switch {
		case !r.Want(item, document.Scalar, "a cause"):
		case !slices.Contains(known, item.Text):
			r.Blame(item, "%s", unknownCause(item.Text, known))
		default:
			causes = append(causes, item.Text)
		}
	}
	return causes, len(causes) == len(items)
}

func unknownCause(name string, known []string) string {
	suggestion := ""
	if near := suggest.Closest(name, known); near != "" {
		suggestion = fmt.Sprintf("did you mean %q? ", near)
	}
	return fmt.Sprintf("unknown cause %q; %sknown: %s; and [] says that none may be found", name, suggestion, strings.Join(known, ", "))
}
