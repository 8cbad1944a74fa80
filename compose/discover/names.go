package discover

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// nameAll gives each node a name of its own: what people call it, the host name that it announces, or its address. Of
// several by one name each has its port in its name.
func nameAll(nodes []Node) {
	taken := map[string]int{}
	for i := range nodes {
		n := &nodes[i]
		n.Name = plain(cmp.Or(n.At.Name, n.Host, n.At.Addr))
		taken[n.Name]++
	}
	used := map[string]bool{}
	for i := range nodes {
		n := &nodes[i]
		if taken[n.Name] > 1 {
			n.Name += "-" + strconv.Itoa(n.Server.Port)
		}
		for name, k := n.Name, 2; used[n.Name]; k++ {
			n.Name = fmt.Sprintf("%s-%d", name, k)
		}
		used[n.Name] = true
	}
}

// plain has nothing but letters, digits, dots, dashes and underscores.
func plain(name string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, name), ".-")
}

// hostAddr is its announced host name with its port.
func (n Node) hostAddr() string {
	_, port, err := net.SplitHostPort(n.Announced)
	if err != nil {
		return n.Host
	}
	return net.JoinHostPort(n.Host, port)
}
