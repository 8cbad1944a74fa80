package traffic

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/google/nftables"
)

// standing is of the current thread's namespace.
func standing() (Standing, error) {
	var s Standing
	conn, err := nftables.New()
	if err != nil {
		return s, fmt.Errorf("nftables: %w", err)
	}
	all, err := ruleset{conn: conn}.read()
	if err != nil {
		return s, err
	}
	held, err := heldQueues()
	if err != nil {
		return s, err
	}
	limited, err := limits()
	if err != nil {
		return s, err
	}
	used := map[Direction]bool{}
	for len(all) > 0 {
		id := all[0].id
		one := standingRule(all, id)
		one.Lacks = lacks(all, id, held, limited)
		s.Rules = append(s.Rules, one)
		used[all[0].direction] = used[all[0].direction] || all[0].by == Qdisc
		all = slices.DeleteFunc(all, func(i installed) bool { return i.id == id })
	}
	for _, l := range limited {
		if l.there && !used[l.direction] {
			s.Rest = append(s.Rest, "a qdisc or device for packets "+string(l.direction)+": "+l.name)
		}
	}
	return s, nil
}

func standingRule(all []installed, id string) StandingRule {
	var s StandingRule
	for _, one := range all {
		if one.id == id {
			s.ID, s.Mechanism, s.Digest = one.id, one.by, one.digest
			s.Packets += one.packets
		}
	}
	return s
}

// lacks is what of a rule is missing in the kernel.
func lacks(all []installed, id string, held map[uint16]bool, limited []limit) string {
	var first installed
	parts := map[string]int{} // by the device whose packets they classify
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
	if first.by == Queue && !held[number] {
		return "no process holds the netfilter queue, so that packets pass"
	}
	if first.by != Qdisc {
		return ""
	}
	for _, l := range limited {
		if l.direction != first.direction {
			continue
		}
		if !slices.Contains(l.classes, classHandle(first.class)) {
			return l.name + " has no class of it"
		}
		if l.direction == In && parts[l.device] == 0 {
			return l.name + " has no rules of nftables for it"
		}
	}
	return ""
}

// heldQueues are the numbers of the netfilter queues that a process holds.
func heldQueues() (map[uint16]bool, error) {
	const path = "/proc/thread-self/net/netfilter/nfnetlink_queue"
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading which netfilter queues are held: %w", err)
	}
	held := map[uint16]bool{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 0 {
			if n, err := strconv.ParseUint(f[0], 10, 16); err == nil {
				held[uint16(n)] = true
			}
		}
	}
	return held, nil
}
