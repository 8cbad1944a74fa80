package scenarios

import "time"

// checkTTL wants keys that may expire.
func (d *decoder) checkTTL(n *node, w Workload) {
	ttl := n.field("ttl")
	_, known := d.catalog.Workloads[w.Type]
	kind := d.catalog.kindOf(w)
	if ttl == nil || !d.sound(ttl) {
		return
	}
	checkRange(d, ttl, w.TTL, Duration(time.Millisecond), maxDuration, "")
	if known && !kind.Can(Expires) && d.sound(n.field("type")) {
		d.blame(ttl, "of a %s that is gone it cannot be told what it held; leave the key out, or write type: %s",
			w.Type, d.typesThat(Expires))
	}
}
