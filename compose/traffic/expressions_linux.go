package traffic

import (
	"encoding/binary"
	"math"

	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

const loopbackIndex = 1 // of the loopback interface, in every namespace

// matchExprs are nftables' for a clause.
func matchExprs(c clause, d Direction) []expr.Any {
	var exprs []expr.Any
	if c.peer.IsValid() {
		exprs = append(exprs, peerExprs(c, d)...)
	} else {
		key := expr.MetaKeyIIF
		if d == Out {
			key = expr.MetaKeyOIF
		}
		exprs = append(exprs, &expr.Meta{Key: key, Register: 1},
			&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: binary.NativeEndian.AppendUint32(nil, loopbackIndex)})
	}
	if c.protocol != 0 {
		exprs = append(exprs, protocolExprs(expr.CmpOpEq, c.protocol)...)
	}
	source, dest := c.remote, c.local
	if d == Out {
		source, dest = c.local, c.remote
	}
	return append(append(exprs, portExprs(source, 0)...), portExprs(dest, 2)...)
}

// protocolExprs compare the protocol of a packet with one.
func protocolExprs(op expr.CmpOp, protocol uint8) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: op, Register: 1, Data: []byte{protocol}},
	}
}

// peerExprs: where an address is in a header is of RFC 791 and RFC 8200.
func peerExprs(c clause, d Direction) []expr.Any {
	family, offset := uint16(unix.ETH_P_IP), uint32(12)
	if c.peer.Addr().Is6() {
		family, offset = unix.ETH_P_IPV6, 8
	}
	addr := c.peer.Addr().AsSlice()
	size := uint32(len(addr))
	if d == Out {
		offset += size
	}
	exprs := []expr.Any{
		&expr.Meta{Key: expr.MetaKeyPROTOCOL, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.BigEndian.AppendUint16(nil, family)},
	}
	if c.peer.Bits() == 0 {
		return exprs
	}
	exprs = append(exprs, &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: size})
	if !c.peer.IsSingleIP() {
		exprs = append(exprs, &expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: size,
			Mask: mask(c.peer.Bits(), len(addr)), Xor: make([]byte, size)})
	}
	return append(exprs, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: addr})
}

func mask(bits, bytes int) []byte {
	m := make([]byte, bytes)
	for i := range bits {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return m
}

// portExprs are of the port at an offset in the header of TCP or UDP.
func portExprs(p Ports, offset uint32) []expr.Any {
	if p == (Ports{}) {
		return nil
	}
	exprs := []expr.Any{&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 2}}
	first, last := binary.BigEndian.AppendUint16(nil, p.First), binary.BigEndian.AppendUint16(nil, p.Last)
	if p.First == p.Last {
		return append(exprs, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: first})
	}
	exprs = append(exprs, &expr.Cmp{Op: expr.CmpOpGte, Register: 1, Data: first})
	if p.Last == math.MaxUint16 {
		return exprs
	}
	return append(exprs, &expr.Cmp{Op: expr.CmpOpLte, Register: 1, Data: last})
}
