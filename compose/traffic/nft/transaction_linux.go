// Package nft has nftables change what it does at once, or not at all: tables, chains and rules, encoded as
// its netlink messages. What the rules are for is for others to say.
package nft

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/userdata"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Transaction is what nftables does at once or not at all. The zero Transaction does nothing. It is made
// here, as nftables' library has no expression that forwards a packet to a device, and lets nobody add one.
type Transaction struct {
	messages []netlink.Message
	err      error // the first of what could not be encoded
}

// Family is of a table.
type Family uint8

// Families: packets of IP, or those of an interface.
const (
	INet   Family = unix.NFPROTO_INET
	Netdev Family = unix.NFPROTO_NETDEV
)

// BaseChain is where a chain begins.
type BaseChain struct {
	Family   Family
	Table    string
	Name     string
	Hook     uint32
	Priority int32
	Device   string // of Netdev alone
}

// Rule is a rule of nftables. The packets that it matches are forwarded to the device whose index
// is in the first register, if Forward says so.
type Rule struct {
	Exprs   []expr.Any
	Forward bool
	Comment string
}

// AddTable adds a table, unless it is there.
func (t *Transaction) AddTable(f Family, name string) {
	t.add(unix.NFT_MSG_NEWTABLE, netlink.Create, f, netlink.Attribute{Type: unix.NFTA_TABLE_NAME, Data: zeroEnded(name)})
}

// RemoveTable removes a table with all that is in it.
func (t *Transaction) RemoveTable(f Family, name string) {
	t.add(unix.NFT_MSG_DELTABLE, 0, f, netlink.Attribute{Type: unix.NFTA_TABLE_NAME, Data: zeroEnded(name)})
}

// AddChain adds a chain of the type filter.
func (t *Transaction) AddChain(c BaseChain) {
	hook := []netlink.Attribute{
		{Type: unix.NFTA_HOOK_HOOKNUM, Data: binary.BigEndian.AppendUint32(nil, c.Hook)},
		{Type: unix.NFTA_HOOK_PRIORITY, Data: binary.BigEndian.AppendUint32(nil, uint32(c.Priority))},
	}
	if c.Device != "" {
		hook = append(hook, netlink.Attribute{Type: unix.NFTA_HOOK_DEV, Data: zeroEnded(c.Device)})
	}
	t.add(unix.NFT_MSG_NEWCHAIN, netlink.Create, c.Family,
		netlink.Attribute{Type: unix.NFTA_CHAIN_TABLE, Data: zeroEnded(c.Table)},
		netlink.Attribute{Type: unix.NFTA_CHAIN_NAME, Data: zeroEnded(c.Name)},
		netlink.Attribute{Type: unix.NLA_F_NESTED | unix.NFTA_CHAIN_HOOK, Data: t.encode(hook)},
		netlink.Attribute{Type: unix.NFTA_CHAIN_TYPE, Data: zeroEnded("filter")})
}

// AddRule adds a rule to the end of a chain.
func (t *Transaction) AddRule(c BaseChain, r Rule) {
	var exprs []netlink.Attribute
	for _, e := range r.Exprs {
		b, err := expr.Marshal(byte(c.Family), e)
		t.err = errors.Join(t.err, err)
		exprs = append(exprs, netlink.Attribute{Type: unix.NLA_F_NESTED | unix.NFTA_LIST_ELEM, Data: b})
	}
	if r.Forward {
		exprs = append(exprs, netlink.Attribute{Type: unix.NLA_F_NESTED | unix.NFTA_LIST_ELEM, Data: t.forward()})
	}
	attrs := []netlink.Attribute{
		{Type: unix.NFTA_RULE_TABLE, Data: zeroEnded(c.Table)},
		{Type: unix.NFTA_RULE_CHAIN, Data: zeroEnded(c.Name)},
		{Type: unix.NLA_F_NESTED | unix.NFTA_RULE_EXPRESSIONS, Data: t.encode(exprs)},
	}
	if r.Comment != "" {
		attrs = append(attrs, netlink.Attribute{
			Type: unix.NFTA_RULE_USERDATA, Data: userdata.AppendString(nil, userdata.TypeComment, r.Comment),
		})
	}
	t.add(unix.NFT_MSG_NEWRULE, netlink.Create|netlink.Append, c.Family, attrs...)
}

// forward is of include/uapi/linux/netfilter/nf_tables.h: its attribute 1 is the register that has
// the device's index.
func (t *Transaction) forward() []byte {
	const deviceRegister = 1
	return t.encode([]netlink.Attribute{
		{Type: unix.NFTA_EXPR_NAME, Data: zeroEnded("fwd")},
		{Type: unix.NLA_F_NESTED | unix.NFTA_EXPR_DATA, Data: t.encode([]netlink.Attribute{
			{Type: deviceRegister, Data: binary.BigEndian.AppendUint32(nil, unix.NFT_REG_1)},
		})},
	})
}

func (t *Transaction) add(kind uint16, flags netlink.HeaderFlags, f Family, attrs ...netlink.Attribute) {
	t.messages = append(t.messages, message(unix.NFNL_SUBSYS_NFTABLES<<8|kind, flags|netlink.Acknowledge, byte(f), 0, t.encode(attrs)))
}

func (t *Transaction) encode(attrs []netlink.Attribute) []byte {
	b, err := netlink.MarshalAttributes(attrs)
	t.err = errors.Join(t.err, err)
	return b
}

// message has the header of struct nfgenmsg.
func message(kind uint16, flags netlink.HeaderFlags, f byte, resource uint16, data []byte) netlink.Message {
	header := binary.BigEndian.AppendUint16([]byte{f, unix.NFNETLINK_V0}, resource)
	return netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(kind), Flags: netlink.Request | flags},
		Data:   append(header, data...),
	}
}

// Commit is in the namespace of the current thread.
func (t *Transaction) Commit() error {
	if t.err != nil {
		return fmt.Errorf("encoding rules: %w", t.err)
	}
	if len(t.messages) == 0 {
		return nil
	}
	conn, err := netlink.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return fmt.Errorf("opening a netlink socket: %w", err)
	}
	defer conn.Close()
	// The kernel refuses a transaction that is larger than what its socket can send, and drops
	// answers that its other end cannot take: one for each message.
	for _, set := range []func(int) error{conn.SetWriteBuffer, conn.SetReadBuffer} {
		if err := set(8 << 20); err != nil {
			return fmt.Errorf("setting a netlink socket up: %w", err)
		}
	}
	batch := []netlink.Message{message(unix.NFNL_MSG_BATCH_BEGIN, 0, 0, unix.NFNL_SUBSYS_NFTABLES, nil)}
	batch = append(batch, t.messages...)
	batch = append(batch, message(unix.NFNL_MSG_BATCH_END, 0, 0, unix.NFNL_SUBSYS_NFTABLES, nil))
	if _, err := conn.SendMessages(batch); err != nil {
		return fmt.Errorf("sending rules: %w", err)
	}
	for acknowledged := 0; acknowledged < len(t.messages); {
		answers, err := conn.Receive()
		if err != nil {
			return err // the first refusal: the others follow from it
		}
		acknowledged += len(answers)
	}
	return nil
}

func zeroEnded(s string) []byte { return append([]byte(s), 0) }
