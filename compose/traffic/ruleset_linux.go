package traffic

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/traffic/nft"
)

// Names and numbers by which a process finds what another one left. Whatever has them is ours.
const (
	tableName = "redis-chaos"
	mark      = 0x7263686f // of packets that are sent again, and that rules leave alone

	queueIn, queueOut uint16 = 29287, 29288
	// queueNone has nobody who reads it. The kernel loses its packets without telling the sender,
	// who would see EPERM of a packet that is dropped on its way out, and would not send it again
	// as one that is lost on the way.
	queueNone uint16 = 29289

	classChain = "in-class-" // and the interface whose packets have classes
)

// Rules come before the tracking of connections (-200), so that these are as they are on the wire.
const (
	effectPriority = -350
	classPriority  = -340
)

// ruleset is what nftables is to do for rules.
type ruleset struct {
	native bool // queues are by nftables' own expression
	silent bool // packets on their way out can be lost silently
	nft.Transaction
	before []installed // whose rules go on counting
}

// replaceRules has exactly these rules stand in the current thread's namespace. Packets that come by an
// interface, and have a class, are forwarded to its device.
func replaceRules(rules []placed, devices map[string]int, can abilities) error {
	s := ruleset{native: can.nativeQueue == nil, silent: can.queue == nil}
	old, err := ourTables()
	if err != nil {
		return err
	}
	if len(old) > 0 {
		if s.before, err = installedRules(); err != nil {
			return err
		}
	}
	for _, t := range old {
		s.RemoveTable(nft.Family(t.Family), t.Name)
	}
	if len(rules) > 0 {
		s.AddTable(nft.INet, tableName)
		s.addDirection(In, rules)
		s.addDirection(Out, rules)
		s.addClasses(rules, devices)
	}
	if err := s.Commit(); err != nil {
		return fmt.Errorf("changing nftables: %w", err)
	}
	return nil
}

// ourTables are those that this or another process made.
func ourTables() ([]*nftables.Table, error) {
	conn, err := nftables.New()
	if err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	all, err := conn.ListTables()
	if err != nil {
		return nil, fmt.Errorf("listing nftables: %w", err)
	}
	return slices.DeleteFunc(all, func(t *nftables.Table) bool { return t.Name != tableName }), nil
}

// addDirection: what loses packets comes first, and then the queue, which ends the chain.
func (s *ruleset) addDirection(d Direction, rules []placed) {
	chain := nft.BaseChain{Family: nft.INet, Table: tableName, Name: string(d), Hook: unix.NF_INET_LOCAL_IN, Priority: effectPriority}
	queue := queueIn
	if d == Out {
		chain.Hook, queue = unix.NF_INET_LOCAL_OUT, queueOut
	}
	var lose, count, pass []nft.Rule
	for _, r := range rules {
		switch {
		case r.Match.Direction != d || r.by.classful():
		case r.by == Queue:
			count = append(count, s.rulesOf(r)...)
			for _, c := range r.Match.clauses() {
				pass = append(pass, nft.Rule{Exprs: append(matchExprs(c, d), s.queue(queue, true))})
			}
		default:
			lose = append(lose, s.rulesOf(r, s.losing(r.Rule)...)...)
		}
	}
	all := append(append(lose, count...), pass...)
	if len(all) == 0 {
		return
	}
	s.AddChain(chain)
	s.AddRule(chain, nft.Rule{Exprs: []expr.Any{
		&expr.Meta{Key: expr.MetaKeyMARK, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.NativeEndian.AppendUint32(nil, mark)},
		&expr.Verdict{Kind: expr.VerdictReturn},
	}})
	for _, r := range all {
		s.add(chain, r)
	}
}

// add has a rule that stands already go on counting.
func (s *ruleset) add(chain nft.BaseChain, r nft.Rule) {
	for _, was := range s.before {
		if was.chain == chain.Name && was.String() == r.Comment {
			r.Exprs = was.resumed(r.Exprs)
		}
	}
	s.AddRule(chain, r)
}

// addClasses tells the qdiscs which class a packet is of, by its priority.
func (s *ruleset) addClasses(rules []placed, devices map[string]int) {
	var in, out []nft.Rule
	for _, r := range rules {
		if !r.by.classful() {
			continue
		}
		classed := s.rulesOf(r,
			&expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, classHandle(r.class))},
			&expr.Meta{Key: expr.MetaKeyPRIORITY, SourceRegister: true, Register: 1})
		if r.Match.Direction == In {
			in = append(in, classed...)
		} else {
			out = append(out, classed...)
		}
	}
	if len(out) > 0 {
		chain := nft.BaseChain{Family: nft.INet, Table: tableName, Name: "out-class", Hook: unix.NF_INET_LOCAL_OUT, Priority: classPriority}
		s.AddChain(chain)
		for _, r := range out {
			s.add(chain, r)
		}
	}
	if len(in) == 0 {
		return
	}
	s.AddTable(nft.Netdev, tableName)
	for name, device := range devices {
		chain := nft.BaseChain{Family: nft.Netdev, Table: tableName, Name: classChain + name, Hook: unix.NF_NETDEV_INGRESS, Device: name}
		s.AddChain(chain)
		for _, r := range in {
			exprs := append(slices.Clone(r.Exprs), &expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, uint32(device))})
			s.add(chain, nft.Rule{Exprs: exprs, Forward: true, Comment: r.Comment})
		}
	}
}

// rulesOf are those of nftables that a rule takes: each counts what it matches, and bears the rule's name.
func (s *ruleset) rulesOf(r placed, effect ...expr.Any) []nft.Rule {
	var all []nft.Rule
	add := func(match []expr.Any, effect ...expr.Any) {
		all = append(all, nft.Rule{Exprs: slices.Concat(match, []expr.Any{&expr.Counter{}}, effect)})
	}
	for _, c := range r.Match.clauses() {
		match := matchExprs(c, r.Match.Direction)
		if reject := r.Effect.Reject; reject != nil && reject.With == ResetTCP && c.protocol != protocolUDP {
			tcp := c
			tcp.protocol = protocolTCP
			add(append(matchExprs(tcp, r.Match.Direction), noReset()...), &expr.Reject{Type: unix.NFT_REJECT_TCP_RST})
			if c.protocol == protocolTCP {
				continue
			}
			match = append(match, protocolExprs(expr.CmpOpNeq, protocolTCP)...)
		}
		add(match, effect...)
	}
	for i := range all {
		all[i].Comment = label{r.ID, r.Match.Direction, r.by, r.digest, r.class, i + 1, len(all)}.String()
	}
	return all
}

// noReset leaves resets alone. That which the kernel answers a rejected packet with is sent like any other, and meets
// the rules of the other direction, and so does that of a peer whose end has been reset: if these were rejected, too,
// nobody would hear of it.
func noReset() []expr.Any {
	const flags, reset = 13, 0x04 // RFC 9293, 3.1
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: flags, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{reset}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{0}},
	}
}

func prohibited() *expr.Reject {
	return &expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: unix.NFT_REJECT_ICMPX_ADMIN_PROHIBITED}
}

// losing is what a rule of Nftables ends in.
func (s *ruleset) losing(r Rule) []expr.Any {
	if r.Effect.Reject != nil {
		return []expr.Any{prohibited()}
	}
	var lose expr.Any = &expr.Verdict{Kind: expr.VerdictDrop}
	if r.Match.Direction == Out && s.silent {
		lose = s.queue(queueNone, false)
	}
	if r.Effect.Drop != nil || r.Effect.Loss.Probability == 1 {
		return []expr.Any{lose}
	}
	// A random number of 32 bits is the same in any order of its bytes.
	threshold := uint32(r.Effect.Loss.Probability * (1 << 32))
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyPRANDOM, Register: 1},
		&expr.Cmp{Op: expr.CmpOpLt, Register: 1, Data: binary.BigEndian.AppendUint32(nil, threshold)},
		&expr.Counter{}, // of what is lost
		lose,
	}
}

// queue has a netfilter queue decide. With bypass a packet passes where nobody reads the queue.
func (s *ruleset) queue(number uint16, bypass bool) expr.Any {
	if s.native {
		q := &expr.Queue{Num: number}
		if bypass {
			q.Flag = expr.QueueFlagBypass
		}
		return q
	}
	// struct xt_NFQ_info_v3 of include/uapi/linux/netfilter/xt_NFQUEUE.h, padded to 8 bytes.
	info := binary.NativeEndian.AppendUint16(nil, number)
	info = binary.NativeEndian.AppendUint16(info, 1)
	var flags uint16
	if bypass {
		flags = 1
	}
	info = binary.NativeEndian.AppendUint16(info, flags)
	unknown := xt.Unknown(append(info, 0, 0))
	return &expr.Target{Name: "NFQUEUE", Rev: 3, Info: &unknown}
}

// label is the comment of a rule of nftables: which rule it is of, and which part of how many.
type label struct {
	id        string
	direction Direction
	by        Mechanism
	digest    string
	class     uint16
	part      int
	parts     int
}

func (l label) String() string {
	return fmt.Sprintf("%s %s %s %s %x %d/%d", l.id, l.direction, l.by, l.digest, l.class, l.part, l.parts)
}

func parseLabel(s string) (label, error) {
	var l label
	const format = "%s %s %s %s %x %d/%d"
	if _, err := fmt.Sscanf(s, format, &l.id, &l.direction, &l.by, &l.digest, &l.class, &l.part, &l.parts); err != nil {
		return l, fmt.Errorf("it is not one of this program's: %w", err)
	}
	return l, nil
}
