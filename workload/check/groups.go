package check

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// Groups looks for entries that a group never got, while the checker of the
// streams looks for those that are not there.
type Groups struct {
	Checker
	groups      []*Group
	clients     []history.History
	keys        keyspace.Spread
	size        keyspace.Sizes
	open        map[int][]history.StreamEntry // by key, those being read
	unread      int
	undelivered []int64 // by group
}

func NewGroups(streams Checker, groups []*Group, clients []history.History, keys keyspace.Spread, size keyspace.Sizes) *Groups {
	return &Groups{
		Checker: streams, groups: groups, clients: clients, keys: keys, size: size,
		open: map[int][]history.StreamEntry{}, undelivered: make([]int64, len(groups)),
	}
}

func (c *Groups) Begin(key int) {
	c.open[key] = nil
	c.Checker.Begin(key)
}

func (c *Groups) See(key int, text string) {
	id, value, _ := strings.Cut(text, " ")
	if ms, seq, err := history.ParseEntryID(id); err == nil {
		if w, ok := Identify(c.keys, c.size, key, value); ok && int(w.Client) < len(c.clients) && w.N < c.clients[w.Client].Len() {
			c.open[key] = append(c.open[key], history.StreamEntry{WriteID: w, ID: history.PackEntryID(ms, seq)})
		}
	}
	c.Checker.See(key, value)
}

func (c *Groups) End(key int) {
	for _, e := range c.open[key] {
		for i, g := range c.groups {
			if !g.got(e) {
				c.undelivered[i]++
			}
		}
	}
	delete(c.open, key)
	c.Checker.End(key)
}

func (c *Groups) Unreadable(key int, err error) {
	c.unread++
	c.Checker.Unreadable(key, err)
}

// Consumed is what the groups got. It leaves the workload's name empty.
func (c *Groups) Consumed() *record.Consumed {
	found := &record.Consumed{}
	for i, g := range c.groups {
		if c.unread > 0 {
			g.unread = fmt.Sprintf("%d streams could not be read", c.unread)
		} else {
			g.undelivered = &c.undelivered[i]
		}
		found.Groups = append(found.Groups, g.verdict())
	}
	return found
}

// Identify tells which write of somebody a value in a key comes from; false if from none.
func Identify(keys keyspace.Spread, size keyspace.Sizes, key int, value string) (history.WriteID, bool) {
	client, n, ok := keyspace.ParseValue(value, size)
	return history.WriteID{Client: uint32(client), N: n}, ok && keys.KeyOf(client, n) == key
}
