package traffic

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
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
	var t transaction
	chain := baseChain{family: familyINet, table: probeName, name: "out", hook: unix.NF_INET_LOCAL_OUT, priority: effectPriority}
	t.addTable(chain.family, chain.table)
	t.addChain(chain)
	t.addRule(chain, chainRule{exprs: append([]expr.Any{&expr.Counter{}}, exprs...)})
	t.removeTable(chain.family, chain.table)
	if err := t.commit(); err != nil {
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
	var t transaction
	chain := baseChain{family: familyNetdev, table: probeName, name: "in", hook: unix.NF_NETDEV_INGRESS, device: "lo"}
	t.addTable(chain.family, chain.table)
	t.addChain(chain)
	t.addRule(chain, chainRule{forward: true, exprs: []expr.Any{
		&expr.Immediate{Register: 1, Data: binary.NativeEndian.AppendUint32(nil, loopbackIndex)},
	}})
	t.removeTable(chain.family, chain.table)
	if err := t.commit(); err != nil {
		return explained("nftables' forwarding to a device", err)
	}
	return nil
}
