package parse

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"

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

// decodeZones reads the names of zones, or how many there are.
func (d *decoder) decodeZones(n *document.Node, zones *scenarios.Zones) {
	if n.Kind == document.Scalar {
		count, err := strconv.Atoi(n.Text)
		if err != nil || n.Quoted || count < 0 || count > maxMasters+maxReplicas {
			d.Blame(n, "%q is not a number of zones; write 3, or a list of names: [a, b, c]", n.Text)
			return
		}
		*zones = scenarios.NumberedZones(count)
		return
	}
	if !d.Want(n, document.List, "a list of zones, or their number,") {
		return
	}
	*zones = nil
	for _, item := range n.Items {
		var name string
		d.Decode(item, &name)
		*zones = append(*zones, name)
	}
}

// zoneForm is what the name of a zone is made of.
var zoneForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// checkZones wants zones that the nodes can be spread over.
func (d *decoder) checkZones(cluster *document.Node, c scenarios.Cluster) {
	n := cluster.Field("zones")
	if n == nil || !d.Sound(n) {
		return
	}
	for i, name := range c.Zones {
		at := n.Item(i)
		switch {
		case at == nil || !d.Sound(at):
		case !zoneForm.MatchString(name):
			d.Blame(at, "%q is not a name of a zone; write up to 32 lower-case letters, digits and dashes, such as a", name)
		case slices.Contains(c.Zones[:i], name):
			d.Blame(at, "there are two zones %q; name each once", name)
		}
	}
	// Each zone then has a node: the masters are in the first ones, and replicas in those that follow.
	most := c.Masters + c.Replicas
	if d.Sound(n) && d.Sound(cluster.Field("masters")) && d.Sound(cluster.Field("replicas")) && (len(c.Zones) < 2 || len(c.Zones) > most) {
		d.Blame(n, "%d zones; %d masters with %d of their replicas each are spread over 2 to %d", len(c.Zones), c.Masters, c.Replicas, most)
	}
}
