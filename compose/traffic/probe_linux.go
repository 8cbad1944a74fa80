package traffic

import (
	"errors"
	"fmt"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// probe finds what the namespace of the current thread has. It leaves nothing behind: what it adds to
// nftables is removed by the same transaction.
func probe() abilities {
	a := abilities{nftables: tryRule()}
	a.reject = tryRule(prohibited())
	a.nativeQueue = tryRule(ruleset{native: true}.queue(queueNone, false))
	a.queue = a.nativeQueue
	if a.queue != nil {
		a.queue = tryRule(ruleset{}.queue(queueNone, false))
	}
	a.htb = probeHTB()
	a.redirect = probeRedirect()
	a.raw = tryRaw()
	a.destroy = tryDestroy()
	return a
}

// tryRule is whether nftables takes a rule of these expressions.
func tryRule(exprs ...expr.Any) error {
	conn, err := nftables.New()
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	table := conn.AddTable(&nftables.Table{Name: tableName + "-probe", Family: nftables.TableFamilyINet})
	chain := ruleset{conn: conn}.addChain(table, "out", nftables.ChainHookOutput, effectPriority)
	conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: append([]expr.Any{&expr.Counter{}}, exprs...)})
	conn.DelTable(table)
	if err := conn.Flush(); err != nil {
		what := "nftables"
		if len(exprs) > 0 {
			what = fmt.Sprintf("nftables' %T", exprs[0])
		}
		return explained(what, err)
	}
	return nil
}

// explained says what an error of the kernel's means for something that was tried.
func explained(what string, err error) error {
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return fmt.Errorf("%s: this takes root, or CAP_NET_ADMIN and CAP_NET_RAW in the namespace: %w", what, err)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EAFNOSUPPORT):
		return fmt.Errorf("%s: this kernel has none: %w", what, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// tryEgress is whether nftables can tell the classes of packets that pass an IFB device (Linux 5.16).
func tryEgress(device string) error {
	conn, err := nftables.New()
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	table := conn.AddTable(&nftables.Table{Name: tableName + "-probe", Family: nftables.TableFamilyNetdev})
	conn.AddChain(&nftables.Chain{
		Name: "in", Table: table, Type: nftables.ChainTypeFilter, Device: device,
		Hooknum: nftables.ChainHookEgress, Priority: nftables.ChainPriorityFilter,
	})
	conn.DelTable(table)
	if err := conn.Flush(); err != nil {
		return explained("nftables' hook on what leaves a device", err)
	}
	return nil
}
