package traffic

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
)

// standing is of the current thread's namespace; lost is how many packets came to the queue of a direction that the process
// which holds it did not take in time.
func standing() (s Standing, lost map[Direction]uint64, err error) {
	all, err := installedRules()
	if err != nil {
		return s, nil, err
	}
	held, err := heldQueues()
	if err != nil {
		return s, nil, err
	}
	limited, err := limits()
	if err != nil {
		return s, nil, err
	}
	lost = map[Direction]uint64{In: held[queueIn], Out: held[queueOut]}
	used := map[Direction]bool{}
	for len(all) > 0 {
		id := all[0].id
		one := standingRule(all, id, limited)
		one.Lacks = lacks(all, id, held, limited)
		s.Rules = append(s.Rules, one)
		used[all[0].direction] = used[all[0].direction] || all[0].by.classful()
		all = slices.DeleteFunc(all, func(i installed) bool { return i.id == id })
	}
	for _, l := range limited {
		if l.there && !used[l.direction] {
			s.Rest = append(s.Rest, "a qdisc or device for packets "+string(l.direction)+": "+l.name)
		}
	}
	return s, lost, nil
}

// installed is a rule of nftables that is ours.
type installed struct {
	label
	chain    string
	device   string         // an interface, of classes of packets that come
	counters []expr.Counter // of what it matched, and, if that is not the same, of what it lost
}

// resumed is the expressions of the rule as it is to stand again, with what it has counted.
func (i installed) resumed(exprs []expr.Any) []expr.Any {
	exprs = slices.Clone(exprs)
	counters := i.counters
	for n, e := range exprs {
		if _, ok := e.(*expr.Counter); ok && len(counters) > 0 {
			exprs[n] = new(counters[0])
			counters = counters[1:]
		}
	}
	return exprs
}

// installedRules are those of the current thread's namespace.
func installedRules() ([]installed, error) {
	tables, err := ourTables()
	if err != nil {
		return nil, err
	}
	conn, err := nftables.New()
	if err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	var all []installed
	for _, t := range tables {
		chains, err := conn.ListChainsOfTableFamily(t.Family)
		if err != nil {
			return nil, fmt.Errorf("listing the chains of nftables: %w", err)
		}
		for _, c := range chains {
			if c.Table.Name != tableName {
				continue
			}
			rules, err := conn.GetRules(t, c)
			if err != nil {
				return nil, fmt.Errorf("listing the rules of nftables' chain %s: %w", c.Name, err)
			}
			for _, r := range rules {
				one, ok, err := installedRule(c, r)
				if err != nil {
					return nil, err
				}
				if ok {
					all = append(all, one)
				}
			}
		}
	}
	return all, nil
}

// installedClasses are the handles of the classes that rules of nftables name.
func installedClasses() (map[Direction]map[uint32]bool, error) {
	all, err := installedRules()
	classes := map[Direction]map[uint32]bool{In: {}, Out: {}}
	for _, one := range all {
		if one.by.classful() {
			classes[one.direction][classHandle(one.class)] = true
		}
	}
	return classes, err
}

// installedRule is false of one that has no name, as those that lead to the queue.
func installedRule(c *nftables.Chain, r *nftables.Rule) (installed, bool, error) {
	text, ok := userdata.GetString(r.UserData, userdata.TypeComment)
	if !ok {
		return installed{}, false, nil
	}
	l, err := parseLabel(text)
	if err != nil {
		return installed{}, false, fmt.Errorf("rule %q of nftables' chain %s: %w", text, c.Name, err)
	}
	one := installed{label: l, chain: c.Name}
	if device, ok := strings.CutPrefix(c.Name, classChain); ok {
		one.device = device
	}
	for _, e := range r.Exprs {
		if counter, ok := e.(*expr.Counter); ok {
			one.counters = append(one.counters, *counter)
		}
	}
	return one, true, nil
}

func standingRule(all []installed, id string, limited []limit) StandingRule {
	var s StandingRule
	var lost Done
	var class installed
	for _, one := range all {
		if one.id != id || len(one.counters) == 0 {
			continue
		}
		s.ID, s.Mechanism, s.Digest = one.id, one.by, one.digest
		s.Packets += one.counters[0].Packets
		last := one.counters[len(one.counters)-1]
		lost.Packets += last.Packets
		lost.Bytes += last.Bytes
		lost.Of += one.counters[0].Packets
		class = one
	}
	switch {
	case s.Mechanism == Nftables:
		s.Done = &lost
	case s.Mechanism == Queue:
		s.Uncounted = "the process that holds the netfilter queue counts it, and no other"
	case s.Mechanism.classful():
		s.Done, s.Uncounted = class.passed(limited), "the kernel's "+string(s.Mechanism)+" does not tell for how long it holds packets back"
	}
	return s
}

// passed is what the classes of a rule have let through, on all interfaces.
func (i installed) passed(limited []limit) *Done {
	var all Done
	for _, l := range limited {
		if l.direction == i.direction {
			done := l.classes[classHandle(i.class)]
			all.Of += done.Of
			all.Packets += done.Packets
			all.Bytes += done.Bytes
			all.Full += done.Full
		}
	}
	return &all
}

// lacks is what of a rule is missing in the kernel.
func lacks(all []installed, id string, held map[uint16]uint64, limited []limit) string {
	var first installed
	parts := map[string]int{} // by the interface whose packets they classify
	for _, one := range all {
		if one.id == id {
			first = one
			parts[one.device]++
		}
	}
	for _, n := range parts {
		if n != first.parts {
			return fmt.Sprintf("%d of its %d rules of nftables are there", n, first.parts)
		}
	}
	number := queueIn
	if first.direction == Out {
		number = queueOut
	}
	if _, ok := held[number]; first.by == Queue && !ok {
		return "no process holds the netfilter queue, so that packets pass"
	}
	if !first.by.classful() {
		return ""
	}
	for _, l := range limited {
		if l.direction != first.direction {
			continue
		}
		if _, ok := l.classes[classHandle(first.class)]; !ok {
			return l.name + " has no class of it"
		}
		if l.direction == In && parts[l.name] == 0 {
			return l.name + " has no rules of nftables for it"
		}
	}
	return ""
}

// heldQueues are the netfilter queues that a process holds, by their numbers, and how many packets the kernel lost of
// each, as that process did not take them in time.
func heldQueues() (map[uint16]uint64, error) {
	const path = "/proc/thread-self/net/netfilter/nfnetlink_queue"
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading which netfilter queues are held: %w", err)
	}
	return parseQueues(string(b)), nil
}

// parseQueues reads what seq_show of net/netfilter/nfnetlink_queue.c writes: the sixth field is how many packets found
// the queue full, and the seventh how many found no room in the socket of the process.
func parseQueues(text string) map[uint16]uint64 {
	held := map[uint16]uint64{}
	for line := range strings.Lines(text) {
		var number uint16
		var holder, waiting, mode, length int64 // a process has negative ids, too, in kernels of before
		var full, unread uint64
		if n, _ := fmt.Sscan(line, &number, &holder, &waiting, &mode, &length, &full, &unread); n == 7 {
			held[number] = full + unread
		}
	}
	return held
}
