package workload

import (
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// groupChecker looks for entries that a group never got, while the checker of the
// streams looks for those that are not there.
type groupChecker struct {
	checker
	groups      []*group
	clients     []history
	keys        spread
	size        sizes
	open        map[int][]streamEntry // by key, those being read
	unread      int
	undelivered []int64 // by group
}

func newGroupChecker(streams checker, groups []*group, clients []history, keys spread, size sizes) *groupChecker {
	return &groupChecker{
		checker: streams, groups: groups, clients: clients, keys: keys, size: size,
		open: map[int][]streamEntry{}, undelivered: make([]int64, len(groups)),
	}
}

func (c *groupChecker) begin(key int) {
	c.open[key] = nil
	c.checker.begin(key)
}

func (c *groupChecker) see(key int, text string) {
	id, value, _ := strings.Cut(text, " ")
	if ms, seq, err := parseEntryID(id); err == nil {
		if w, ok := identify(c.keys, c.size, key, value); ok && int(w.client) < len(c.clients) && w.n < c.clients[w.client].len() {
			c.open[key] = append(c.open[key], streamEntry{writeID: w, id: packID(ms, seq)})
		}
	}
	c.checker.see(key, value)
}

func (c *groupChecker) end(key int) {
	for _, e := range c.open[key] {
		for i, g := range c.groups {
			if !g.got(e) {
				c.undelivered[i]++
			}
		}
	}
	delete(c.open, key)
	c.checker.end(key)
}

func (c *groupChecker) unreadable(key int, err error) {
	c.unread++
	c.checker.unreadable(key, err)
}

// verdict tells the groups, too, what was found of them.
func (c *groupChecker) verdict() *record.Verified {
	for i, g := range c.groups {
		if c.unread > 0 {
			g.incomplete(fmt.Errorf("%d streams could not be read", c.unread))
			continue
		}
		g.undelivered = &c.undelivered[i]
	}
	return c.checker.verdict()
}

// identify tells which write of somebody a value in a key comes from; false if from none.
func identify(keys spread, size sizes, key int, value string) (writeID, bool) {
	client, n, ok := parseValue(value, size)
	return writeID{client: uint32(client), n: n}, ok && keys.keyOf(client, n) == key
}
