package traffic

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/redis-chaos/redis-chaos/compose/traffic/nft"
)

// probeName is of what is tried.
const probeName = tableName + "-probe"

// probe finds what the namespace of the current thread has. It leaves nothing behind: what it adds to
// nftables is removed by the same transaction.
func probe() abilities {
	a := abilities{nftables: tryRule()}
	a.reject = tryRule(prohibited())
	a.nativeQueue = tryRule((&ruleset{native: true}).queue(queueNone, false))
	a.queue = a.nativeQueue
	if a.queue != nil {
		a.queue = tryRule((&ruleset{}).queue(queueNone, false))
	}
	a.htb = probeHTB()
	a.device = probeDevice()
	a.netem = tryKind("netem")
	a.raw = tryRaw()
	a.destroy = tryDestroy()
	return a
}

// tryRule is whether nftables takes a rule of these expressions.
func tryRule(exprs ...expr.Any) error {
	var t nft.Transaction
	chain := nft.BaseChain{Family: nft.INet, Table: probeName, Name: "out", Hook: unix.NF_INET_LOCAL_OUT, Priority: effectPriority}
	t.AddTable(chain.Family, chain.Table)
	t.AddChain(chain)
	t.AddRule(chain, nft.Rule{Exprs: append([]expr.Any{&expr.Counter{}}, exprs...)})
	t.RemoveTable(chain.Family, chain.Table)
	if err := t.Commit(); err != nil {
		what := "nftables"
		if len(exprs) > 0 {
			what = fmt.Sprintf("nftables' %s", strings.TrimPrefix(fmt.Sprintf("%T", exprs[0]), "*expr."))
		}
		return explained(what, err)
	}
	return nil
}

// tryForward is whether nftables can forward what comes to a device. It is tried with the loopback
// interface, as packets that come by it meet the rule no more than any other.
func tryForward() error {
	var t nft.Transaction
	chain := nft.BaseChain{Family: nft.Netdev, Table: probeName, Name: "in", Hook: unix.NF_NETDEV_INGRESS, Device: "lo"}
	t.AddTable(chain.Family, chain.Table)
	t.AddChain(chain)
	t.AddRule(chain, nft.Rule{Forward: true, Exprs: []expr.Any{
		&expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, loopbackIndex)},
	}})
	t.RemoveTable(chain.Family, chain.Table)
	if err := t.Commit(); err != nil {
		return explained("nftables' forwarding to a device", err)
	}
	return nil
}
