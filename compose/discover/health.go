package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/slots"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

// unwell is what is wrong with a cluster whose nodes were all reached; nothing if it is healthy.
func unwell(found []member) (reasons []string) {
	if text := unassigned(found); text != "" {
		reasons = append(reasons, text)
	}
	owners := map[string][]member{} // by what is seen, and so are those who mark others
	marked := map[string][]member{}
	var marks []string
	for _, m := range found {
		self := m.self()
		switch {
		case m.view.State != "ok":
			reasons = append(reasons, fmt.Sprintf("%s has cluster_state:%s", m, m.view.State))
		case m.view.Persistence.Loading:
			reasons = append(reasons, fmt.Sprintf("%s is still loading its data set", m))
		case self.OfID != "" && !m.view.Replication.LinkUp:
			reasons = append(reasons, fmt.Sprintf("%s is a replica without a link to its master", m))
		}
		for _, n := range m.view.Nodes {
			if n.Flag == "ok" {
				continue
			}
			what := fmt.Sprintf("%s is marked as %s by", nameOf(found, n), n.Flag)
			if marked[what] == nil {
				marks = append(marks, what)
			}
			marked[what] = append(marked[what], m)
		}
		for _, o := range found {
			if !m.knows(o.id) {
				reasons = append(reasons, fmt.Sprintf("%s does not know %s", m, o))
			}
		}
		seen := ownership(m.view)
		owners[seen] = append(owners[seen], m)
	}
	for _, what := range marks {
		reasons = append(reasons, what+" "+list(marked[what]))
	}
	if len(owners) > 1 {
		var told []string
		for _, who := range owners {
			told = append(told, list(who))
		}
		slices.Sort(told)
		reasons = append(reasons, "nodes disagree about who owns which slots: "+strings.Join(told, " as against "))
	}
	return reasons
}

// unassigned tells of slots that no master says are its own.
func unassigned(found []member) string {
	var owned [slots.Count]bool
	for _, m := range found {
		for _, r := range m.self().Slots {
			for slot := max(0, r.First); slot <= min(r.Last, slots.Count-1); slot++ {
				owned[slot] = true
			}
		}
	}
	var ranges []string
	count := 0
	for slot := 0; slot < slots.Count; slot++ {
		if owned[slot] {
			continue
		}
		r := slots.Range{First: slot, Last: slot}
		for r.Last+1 < slots.Count && !owned[r.Last+1] {
			r.Last++
		}
		ranges, count, slot = append(ranges, r.String()), count+r.Last-r.First+1, r.Last
	}
	if count == 0 {
		return ""
	}
	return counted(count, "slot has", "slots have") + " no master: " + strings.Join(ranges, ", ")
}

// ownership is who owns which slots in a view.
func ownership(v view.View) string {
	var all []string
	for _, n := range v.Nodes {
		if len(n.Slots) > 0 {
			all = append(all, fmt.Sprint(n.ID, n.Slots))
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// nameOf names a node that another one sees.
func nameOf(found []member, n view.Node) string {
	i := slices.IndexFunc(found, func(m member) bool { return m.id == n.ID })
	if i < 0 {
		return fmt.Sprintf("%s (%s)", n.ID, n.Addr)
	}
	return found[i].String()
}
