package traffic

import (
	"math"
	"net/netip"
	"time"
)

// Rule says what becomes of the packets that it matches.
type Rule struct {
	// ID is unique among the rules of a table: up to 64 letters, digits and any of . _ : / -
	ID     string `json:"id"`
	Match  Match  `json:"match"`
	Effect Effect `json:"effect"`
}

// Direction is seen from the namespace.
type Direction string

// Directions. In is what its processes receive, and Out what they send. Packets that the namespace
// forwards are neither.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Protocol is one of those that have ports.
type Protocol string

// Protocols. Without one, a match that names no ports is for every packet of IP.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// Match is of all packets that are as each field that is set says. Addresses and ports are those
// that the processes see, where the kernel translates them. Of a fragmented packet the first
// fragment alone has ports, unless the kernel tracks connections in the namespace.
type Match struct {
	Direction Direction `json:"direction"`
	// Peers are whom it is exchanged with. Without any, it is everybody but the namespace
	// itself: packets by the loopback interface match only where a peer is named.
	Peers    []netip.Prefix `json:"peers,omitempty"`
	Protocol Protocol       `json:"protocol,omitempty"`
	// LocalPorts and RemotePorts are the processes' own, and those of the peers. Any if empty.
	LocalPorts  []Ports `json:"local_ports,omitempty"`
	RemotePorts []Ports `json:"remote_ports,omitempty"`
}

// Ports are those from First to Last, both included.
type Ports struct {
	First uint16 `json:"first"`
	Last  uint16 `json:"last"`
}

// Port is one alone.
func Port(p uint16) Ports { return Ports{p, p} }

// Peer is one address alone.
func Peer(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// Effect has exactly one field set. Several effects on one packet are had by several rules that
// match it: what is not dropped passes the bandwidth limits, and is then held back for the sum of
// the latencies, as netem(8) does it.
type Effect struct {
	Drop        *Drop        `json:"drop,omitempty"`
	Reject      *Reject      `json:"reject,omitempty"`
	Loss        *Loss        `json:"loss,omitempty"`
	Latency     *Latency     `json:"latency,omitempty"`
	Duplication *Duplication `json:"duplication,omitempty"`
	Corruption  *Corruption  `json:"corruption,omitempty"`
	Reordering  *Reordering  `json:"reordering,omitempty"`
	Bandwidth   *Bandwidth   `json:"bandwidth,omitempty"`
}

// Drop loses every packet. The sender is not told, not even where it is of this namespace.
type Drop struct{}

// Reject loses every packet, and answers it. With ResetTCP, resets pass.
type Reject struct {
	With Answer `json:"with"`
}

// Answer is what the sender of a rejected packet gets.
type Answer string

// Answers. ResetTCP ends connections, and is ICMP for what is not TCP. ICMP is "administratively
// prohibited", which refuses new connections, while those that live go on trying.
const (
	ResetTCP Answer = "tcp_reset"
	ICMP     Answer = "icmp"
)

// Loss drops some packets. Probability is of each packet, from 0 to 1. With Correlation, from 0 to
// less than 1, packets that are lost tend to follow each other: it is that of successive draws,
// which are normal, so that the share lost is Probability all the same. Bursts instead of these
// is the model of Gilbert and Elliott.
type Loss struct {
	Probability float64         `json:"probability,omitempty"`
	Correlation float64         `json:"correlation,omitempty"`
	Bursts      *GilbertElliott `json:"bursts,omitempty"`
}

// GilbertElliott is a path that is either good or bad, and may change with every packet
// (E. N. Elliott, "Estimates of Error Rates for Codes on Burst-Noise Channels", 1963). It begins
// good. The share that is lost in the long run is that of (LossGood*ToGood + LossBad*ToBad) in
// (ToGood + ToBad). All are probabilities, of each packet.
type GilbertElliott struct {
	ToBad    float64 `json:"to_bad"`
	ToGood   float64 `json:"to_good"`
	LossGood float64 `json:"loss_good"`
	LossBad  float64 `json:"loss_bad"`
}

// Share is what is lost in the long run, from 0 to 1.
func (g GilbertElliott) Share() float64 {
	return (g.LossGood*g.ToGood + g.LossBad*g.ToBad) / (g.ToGood + g.ToBad)
}

// Latency holds packets back. The time of each is drawn from Distribution, and never less than
// nothing. Where that makes a packet due before another that came first, it overtakes it.
// Correlation, from 0 to less than 1, is that of successive draws, as in Loss: it leaves the
// distribution as it is.
type Latency struct {
	Delay        time.Duration `json:"delay_ns"`
	Jitter       time.Duration `json:"jitter_ns,omitempty"`
	Distribution Distribution  `json:"distribution,omitempty"`
	Correlation  float64       `json:"correlation,omitempty"`
}

// Mean is for how long packets are held back on average: none for less than nothing.
func (l Latency) Mean() time.Duration {
	if l.Distribution != Normal || l.Jitter == 0 {
		return l.Delay
	}
	at := float64(l.Delay) / float64(l.Jitter)
	below := math.Erfc(-at/math.Sqrt2) / 2
	density := math.Exp(-at*at/2) / math.Sqrt(2*math.Pi)
	return time.Duration(float64(l.Jitter) * (at*below + density))
}

// Distribution is of a latency.
type Distribution string

// Distributions. Constant, which is also that of "", has no jitter. Uniform is from Delay-Jitter to
// Delay+Jitter. Normal and Pareto have the mean Delay and the standard deviation Jitter; Pareto
// has the shape 3, as that of netem(8), and its least value is Delay-0.577*Jitter.
const (
	Constant Distribution = "constant"
	Uniform  Distribution = "uniform"
	Normal   Distribution = "normal"
	Pareto   Distribution = "pareto"
)

// Duplication sends some packets twice. Probability and Correlation are as in Loss.
type Duplication struct {
	Probability float64 `json:"probability"`
	Correlation float64 `json:"correlation,omitempty"`
}

// Corruption changes one byte of some packets, behind their IP header, so that the checksum of TCP or
// UDP is wrong and the receiver's kernel drops them. Probability and Correlation are as in Loss.
type Corruption struct {
	Probability float64 `json:"probability"`
	Correlation float64 `json:"correlation,omitempty"`
}

// Reordering holds some packets back for Hold, so that those which come within that time overtake
// them. Probability and Correlation are as in Loss.
type Reordering struct {
	Probability float64       `json:"probability"`
	Correlation float64       `json:"correlation,omitempty"`
	Hold        time.Duration `json:"hold_ns"`
}

// Bandwidth limits how much passes. Packets wait in a buffer, and are lost where it is full. The
// limit is one for all that match together. Buffer is in bytes, at least 64 KiB, which is the
// largest packet; 0 is for what passes in 200 ms, and at least 128 KiB.
type Bandwidth struct {
	BytesPerSecond int64 `json:"bytes_per_second"`
	Buffer         int64 `json:"buffer_bytes,omitempty"`
}

const largestPacket = 64 << 10

// buffer is in bytes.
func (b Bandwidth) buffer() int64 {
	if b.Buffer > 0 {
		return b.Buffer
	}
	return max(2*largestPacket, b.BytesPerSecond/5)
}

// Kind is a kind of effect, by the name that it has in capabilities.
type Kind string

// Kinds. Loss with a correlation or in bursts is KindBursts. KindReset is what Table.Reset does, and
// no effect of a rule.
const (
	KindDrop        Kind = "drop"
	KindReject      Kind = "reject"
	KindLoss        Kind = "loss"
	KindBursts      Kind = "loss_in_bursts"
	KindLatency     Kind = "latency"
	KindDuplication Kind = "duplication"
	KindCorruption  Kind = "corruption"
	KindReordering  Kind = "reordering"
	KindBandwidth   Kind = "bandwidth"
	KindReset       Kind = "reset"
)

// Kind is "" of an effect that has no field set.
func (e Effect) Kind() Kind {
	switch {
	case e.Drop != nil:
		return KindDrop
	case e.Reject != nil:
		return KindReject
	case e.Loss != nil && (e.Loss.Bursts != nil || e.Loss.Correlation > 0):
		return KindBursts
	case e.Loss != nil:
		return KindLoss
	case e.Latency != nil:
		return KindLatency
	case e.Duplication != nil:
		return KindDuplication
	case e.Corruption != nil:
		return KindCorruption
	case e.Reordering != nil:
		return KindReordering
	case e.Bandwidth != nil:
		return KindBandwidth
	}
	return ""
}
