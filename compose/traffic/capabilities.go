package traffic

import (
	"fmt"
	"strings"
)

// Mechanism is what brings an effect about.
type Mechanism string

// Mechanisms. Nftables, Qdisc (HTB, with an IFB device for what comes in) and Netem, which is below HTB, are
// the kernel's own: their effect lasts when the process ends. Queue is a netfilter queue of the process that
// applied the rules: when that ends, the packets that it holds are lost, as if the path had dropped
// them, and all others pass as if the rule were not there. Destroy is the kernel's ending of sockets
// (SOCK_DESTROY).
const (
	Nftables Mechanism = "nftables"
	Queue    Mechanism = "nfqueue"
	Qdisc    Mechanism = "htb"
	Netem    Mechanism = "netem"
	Destroy  Mechanism = "sock_destroy"
)

// List is mechanisms in a row: "nfqueue, nftables".
func List(all []Mechanism) string {
	var words []string
	for _, m := range all {
		words = append(words, string(m))
	}
	return strings.Join(words, ", ")
}

// classful is whether packets have a class of a qdisc's.
func (m Mechanism) classful() bool { return m == Qdisc || m == Netem }

// Capability is how an effect would be brought about in a direction.
type Capability struct {
	Kind      Kind      `json:"kind"`
	Direction Direction `json:"direction,omitempty"` // none of KindReset
	Mechanism Mechanism `json:"mechanism,omitempty"` // none if it cannot be
	// Why is why it cannot be, or what the mechanism lacks here.
	Why string `json:"why,omitempty"`
}

// Capabilities are of every kind, and of both directions.
type Capabilities []Capability

// Of is the one of a kind in a direction.
func (c Capabilities) Of(k Kind, d Direction) Capability {
	for _, one := range c {
		if one.Kind == k && (one.Direction == d || one.Direction == "") {
			return one
		}
	}
	return Capability{Kind: k, Direction: d, Why: "there is no such effect"}
}

// abilities are what a kernel, and the rights in a namespace, have to offer. Each is nil, or why not.
type abilities struct {
	nftables    error
	reject      error
	queue       error // to a netfilter queue
	nativeQueue error // by nftables' own expression, rather than that of xtables
	htb         error // of packets that leave
	device      error // of those that come: an IFB device with HTB
	netem       error
	raw         error // sockets that send whole packets
	destroy     error
}

func (a abilities) capabilities() Capabilities {
	var all Capabilities
	for _, d := range []Direction{In, Out} {
		for _, k := range []Kind{KindDrop, KindReject, KindLoss, KindBursts, KindLatency, KindDuplication,
			KindCorruption, KindReordering, KindBandwidth} {
			all = append(all, a.of(k, d))
		}
	}
	reset := Capability{Kind: KindReset, Mechanism: Destroy}
	if a.destroy != nil {
		reset.Mechanism, reset.Why = "", a.destroy.Error()
	}
	return append(all, reset)
}

func (a abilities) of(k Kind, d Direction) Capability {
	c := Capability{Kind: k, Direction: d}
	by := func(m Mechanism, needs ...error) Capability {
		for _, err := range needs {
			if err != nil {
				c.Why = err.Error()
				return c
			}
		}
		c.Mechanism = m
		return c
	}
	switch k {
	case KindDrop, KindLoss:
		c = by(Nftables, a.nftables)
		if d == Out && a.nftables == nil && a.queue != nil {
			c.Why = fmt.Sprintf("the sender is told, as without netfilter queues (%v) packets cannot be lost silently", a.queue)
		}
		return c
	case KindReject:
		return by(Nftables, a.nftables, a.reject)
	case KindDuplication:
		return by(Queue, a.nftables, a.queue, a.raw)
	case KindBandwidth, KindLatency:
		mechanism, lacks := Qdisc, a.htb
		if d == In {
			lacks = a.device
		}
		if k == KindLatency {
			mechanism = Netem
			if a.netem != nil {
				lacks = a.netem
			}
		}
		if lacks == nil {
			return by(mechanism, a.nftables)
		}
		c = by(Queue, a.nftables, a.queue)
		if c.Mechanism != "" {
			c.Why = fmt.Sprintf("not by %s: %v", mechanism, lacks)
		}
		return c
	}
	return by(Queue, a.nftables, a.queue)
}
