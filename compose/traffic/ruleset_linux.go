package traffic

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"github.com/google/nftables/xt"
	"golang.org/x/sys/unix"
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
)

// Rules come before the tracking of connections (-200), so that these are as they are on the wire.
const (
	effectPriority = -350
	classPriority  = -340
)

// ruleset is what nftables does, which is changed in one transaction.
type ruleset struct {
	conn   *nftables.Conn
	native bool // queues are by nftables' own expression
	silent bool // packets on their way out can be lost silently
}

// ours are the tables that this or another process made.
func (s ruleset) ours() ([]*nftables.Table, error) {
	all, err := s.conn.ListTables()
	if err != nil {
		return nil, fmt.Errorf("listing nftables: %w", err)
	}
	var ours []*nftables.Table
	for _, t := range all {
		if t.Name == tableName {
			ours = append(ours, t)
		}
	}
	return ours, nil
}

// replaceRules is of the current thread's namespace.
func replaceRules(rules []placed, devices []string, can abilities) error {
	conn, err := nftables.New()
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	return ruleset{conn: conn, native: can.nativeQueue == nil, silent: can.queue == nil}.replace(rules, devices)
}

// replace has exactly these rules stand. devices are those of packets that come, with their classes.
func (s ruleset) replace(rules []placed, devices []string) error {
	old, err := s.ours()
	if err != nil {
		return err
	}
	for _, t := range old {
		s.conn.DelTable(t)
	}
	if len(rules) > 0 {
		table := s.conn.AddTable(&nftables.Table{Name: tableName, Family: nftables.TableFamilyINet})
		s.addDirection(table, In, rules)
		s.addDirection(table, Out, rules)
		s.addClasses(table, rules, devices)
	}
	if err := s.conn.Flush(); err != nil {
		return fmt.Errorf("changing nftables: %w", err)
	}
	return nil
}

// addDirection: what loses packets comes first, and then the queue, which ends the chain.
func (s ruleset) addDirection(table *nftables.Table, d Direction, rules []placed) {
	hook, queue := nftables.ChainHookInput, queueIn
	if d == Out {
		hook, queue = nftables.ChainHookOutput, queueOut
	}
	var lose, count, pass []*nftables.Rule
	for _, r := range rules {
		switch {
		case r.Match.Direction != d || r.by == Qdisc:
		case r.by == Queue:
			count = append(count, s.rulesOf(r, func(clause) []expr.Any { return nil })...)
			for _, c := range r.Match.clauses() {
				pass = append(pass, &nftables.Rule{Exprs: append(matchExprs(c, d), s.queue(queue, true))})
			}
		default:
			lose = append(lose, s.rulesOf(r, func(c clause) []expr.Any { return s.losing(r.Rule) })...)
		}
	}
	all := append(append(lose, count...), pass...)
	if len(all) == 0 {
		return
	}
	chain := s.addChain(table, string(d), hook, effectPriority)
	s.conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{
		&expr.Meta{Key: expr.MetaKeyMARK, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.NativeEndian.AppendUint32(nil, mark)},
		&expr.Verdict{Kind: expr.VerdictReturn},
	}})
	for _, r := range all {
		r.Table, r.Chain = table, chain
		s.conn.AddRule(r)
	}
}

// addClasses tells the qdiscs which class a packet is of, by its priority.
func (s ruleset) addClasses(table *nftables.Table, rules []placed, devices []string) {
	classed := map[Direction][]*nftables.Rule{}
	for _, r := range rules {
		if r.by == Qdisc {
			d := r.Match.Direction
			classed[d] = append(classed[d], s.rulesOf(r, func(clause) []expr.Any {
				return []expr.Any{
					&expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, classHandle(r.class))},
					&expr.Meta{Key: expr.MetaKeyPRIORITY, SourceRegister: true, Register: 1},
				}
			})...)
		}
	}
	if len(classed[Out]) > 0 {
		s.addAll(table, s.addChain(table, "out-class", nftables.ChainHookOutput, classPriority), classed[Out])
	}
	if len(classed[In]) == 0 {
		return
	}
	netdev := s.conn.AddTable(&nftables.Table{Name: tableName, Family: nftables.TableFamilyNetdev})
	for _, device := range devices {
		s.addAll(netdev, s.conn.AddChain(&nftables.Chain{
			Name: "in-class-" + device, Table: netdev, Type: nftables.ChainTypeFilter, Device: device,
			Hooknum: nftables.ChainHookEgress, Priority: nftables.ChainPriorityFilter,
		}), classed[In])
	}
}

func (s ruleset) addAll(table *nftables.Table, chain *nftables.Chain, rules []*nftables.Rule) {
	for _, r := range rules {
		s.conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: r.Exprs, UserData: r.UserData})
	}
}

func (s ruleset) addChain(table *nftables.Table, name string, hook *nftables.ChainHook, priority nftables.ChainPriority) *nftables.Chain {
	return s.conn.AddChain(&nftables.Chain{Name: name, Table: table, Type: nftables.ChainTypeFilter, Hooknum: hook, Priority: &priority})
}

// rulesOf are those of nftables that a rule takes: each counts, and bears the rule's name.
func (s ruleset) rulesOf(r placed, effect func(clause) []expr.Any) []*nftables.Rule {
	clauses := r.Match.clauses()
	if r.Effect.Reject != nil && r.Effect.Reject.With == ResetTCP {
		return s.resetting(r, clauses)
	}
	var all []*nftables.Rule
	for _, c := range clauses {
		exprs := append(matchExprs(c, r.Match.Direction), &expr.Counter{})
		all = append(all, &nftables.Rule{Exprs: append(exprs, effect(c)...)})
	}
	return labelled(r, all)
}

// resetting: what is not TCP gets ICMP.
func (s ruleset) resetting(r placed, clauses []clause) []*nftables.Rule {
	var all []*nftables.Rule
	add := func(c clause, reject *expr.Reject) {
		all = append(all, &nftables.Rule{Exprs: append(matchExprs(c, r.Match.Direction), &expr.Counter{}, reject)})
	}
	for _, c := range clauses {
		if c.protocol == 0 || c.protocol == protocolTCP {
			tcp := c
			tcp.protocol = protocolTCP
			add(tcp, &expr.Reject{Type: unix.NFT_REJECT_TCP_RST})
		}
		if c.protocol != protocolTCP {
			add(c, prohibited())
		}
	}
	return labelled(r, all)
}

func prohibited() *expr.Reject {
	return &expr.Reject{Type: unix.NFT_REJECT_ICMPX_UNREACH, Code: unix.NFT_REJECT_ICMPX_ADMIN_PROHIBITED}
}

// losing is what a rule of Nftables ends in.
func (s ruleset) losing(r Rule) []expr.Any {
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
		lose,
	}
}

// queue has a netfilter queue decide. With bypass a packet passes where nobody reads the queue.
func (s ruleset) queue(number uint16, bypass bool) expr.Any {
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

func labelled(r placed, rules []*nftables.Rule) []*nftables.Rule {
	for i, n := range rules {
		text := label{r.ID, r.Match.Direction, r.by, r.digest, r.class, i + 1, len(rules)}.String()
		n.UserData = userdata.AppendString(nil, userdata.TypeComment, text)
	}
	return rules
}

// installed is a rule of nftables that is ours.
type installed struct {
	label
	device  string // "" but for classes of packets that come
	packets uint64
}

// read finds what stands in the kernel.
func (s ruleset) read() ([]installed, error) {
	tables, err := s.ours()
	if err != nil {
		return nil, err
	}
	var all []installed
	for _, t := range tables {
		chains, err := s.conn.ListChainsOfTableFamily(t.Family)
		if err != nil {
			return nil, fmt.Errorf("listing the chains of nftables: %w", err)
		}
		for _, c := range chains {
			if c.Table.Name != tableName {
				continue
			}
			rules, err := s.conn.GetRules(t, c)
			if err != nil {
				return nil, fmt.Errorf("listing the rules of nftables' chain %s: %w", c.Name, err)
			}
			for _, r := range rules {
				text, ok := userdata.GetString(r.UserData, userdata.TypeComment)
				if !ok {
					continue
				}
				one := installed{device: strings.TrimPrefix(c.Name, "in-class-")}
				if one.device == c.Name {
					one.device = ""
				}
				if one.label, err = parseLabel(text); err != nil {
					return nil, fmt.Errorf("rule %q of nftables' chain %s: %w", text, c.Name, err)
				}
				for _, e := range r.Exprs {
					if counter, ok := e.(*expr.Counter); ok {
						one.packets = counter.Packets
					}
				}
				all = append(all, one)
			}
		}
	}
	return all, nil
}
