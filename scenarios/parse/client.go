package parse

import (
	"maps"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

func (d *decoder) checkClient(n *document.Node, c scenarios.ClientOptions) {
	atLeast := func(name string, got *int, low int) {
		if field := n.Field(name); field != nil && got != nil && *got < low {
			d.Blame(field, "%d is out of range; write at least %d", *got, low)
		}
	}
	if preset := n.Field("preset"); preset != nil && !slices.Contains(scenarios.Presets(), c.Preset) {
		d.Blame(preset, "%s", suggest.Unknown("preset", c.Preset, scenarios.Presets()))
	}
	atLeast("pool_size", c.PoolSize, 1)
	atLeast("min_idle_conns", c.MinIdleConns, 0)
	atLeast("max_redirects", c.MaxRedirects, 0)
}

// checkLibrary wants a client library that can do what is asked of it.
func (d *decoder) checkLibrary(n *document.Node, w scenarios.Workload) {
	library := w.Client.Library
	at := n.Field("client").Field("library")
	if at == nil || !d.Sound(at) {
		return
	}
	lacks, known := d.catalog.Libraries[library]
	if !known {
		d.Blame(at, "%s", suggest.Unknown("client library", library, slices.Sorted(maps.Keys(d.catalog.Libraries))))
		return
	}
	for _, lack := range lacks {
		key, typ, ofType := strings.Cut(lack, ": ")
		cannot := n.At(key)
		switch {
		case cannot == nil:
		case !ofType:
			d.Blame(cannot, "%s cannot do this; leave the key out, or write library: %s", library, scenarios.DefaultLibrary)
		case typ == w.Type:
			d.Blame(cannot, "%s cannot do what a workload of type %s does; write another type, or library: %s", library, typ, scenarios.DefaultLibrary)
		}
	}
}
