package parse

import (
	"net/netip"
	"regexp"
	"slices"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/document"
	"github.com/redis-chaos/redis-chaos/scenarios/suggest"
)

// imageForm is what the reference of an image is made of. Whether it is one is for an
// engine to say.
var imageForm = regexp.MustCompile(`^[A-Za-z0-9\[][A-Za-z0-9._/:@\[\]-]{0,500}$`)

func (d *decoder) checkCluster(n *document.Node, c scenarios.Cluster) {
	d.checkBrought(n, c)
	d.checkAccess(n, c)
	if c.IsBrought() && !c.Bootstrap {
		return
	}
	checkRange(d, n.Field("masters"), c.Masters, minMasters, maxMasters, "")
	checkRange(d, n.Field("replicas"), c.Replicas, minReplicas, maxReplicas, "")
	d.checkZones(n, c)
	if image := n.Field("image"); image != nil && !imageForm.MatchString(c.Image) {
		d.Blame(image, "%q is not an image; write it like %s", c.Image, scenarios.DefaultImage)
	}
	announces := []string{scenarios.AnnounceAddress, scenarios.AnnounceHostname}
	if announce := n.Field("announce"); announce != nil && !slices.Contains(announces, c.Announce) {
		d.Blame(announce, "%s", suggest.Unknown("announcement", c.Announce, announces))
	}
	for i, server := range c.DNS {
		item := n.Field("dns").Item(i)
		if n.Field("dns").Kind != document.List {
			item = n.Field("dns")
		}
		switch addr, err := netip.ParseAddr(server); {
		case err != nil:
			d.Blame(item, "%q is not the address of a name server; write it like 192.0.2.1", server)
		case addr.Zone() != "":
			d.Blame(item, "%q has a zone, which names an interface of one machine, and the nodes have their own; write %s", server, addr.WithZone(""))
		}
	}
}
