package traffic

import (
	"encoding/binary"
	"net/netip"
)

// packet is what rules match of one.
type packet struct {
	peer          netip.Addr
	protocol      uint8
	hasPorts      bool
	local, remote uint16
	loopback      bool
	transport     int // where what follows the IP headers begins
}

// Headers between that of IPv6 and the transport's (RFC 8200, section 4).
const (
	hopByHop    = 0
	routing     = 43
	fragment    = 44
	destination = 60
)

// parsePacket reads the headers; false if they are not those of IP.
func parsePacket(b []byte, d Direction) (packet, bool) {
	var p packet
	var source, dest netip.Addr
	firstFragment := true
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		source, dest = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
		p.protocol, p.transport = b[9], int(b[0]&0xf)*4
		firstFragment = binary.BigEndian.Uint16(b[6:])&0x1fff == 0
	case len(b) >= 40 && b[0]>>4 == 6:
		source, dest = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		p.protocol, p.transport, firstFragment = skipExtensions(b)
	default:
		return p, false
	}
	p.peer = dest
	if d == In {
		p.peer = source
	}
	if (p.protocol == protocolTCP || p.protocol == protocolUDP) && firstFragment && len(b) >= p.transport+4 {
		p.hasPorts = true
		p.local, p.remote = binary.BigEndian.Uint16(b[p.transport:]), binary.BigEndian.Uint16(b[p.transport+2:])
		if d == In {
			p.local, p.remote = p.remote, p.local
		}
	}
	return p, true
}

func skipExtensions(b []byte) (protocol uint8, at int, firstFragment bool) {
	protocol, at, firstFragment = b[6], 40, true
	for at+8 <= len(b) {
		switch protocol {
		case hopByHop, routing, destination:
			protocol, at = b[at], at+8+int(b[at+1])*8
		case fragment:
			firstFragment = firstFragment && binary.BigEndian.Uint16(b[at+2:])&^7 == 0
			protocol, at = b[at], at+8
		default:
			return protocol, at, firstFragment
		}
	}
	return protocol, at, firstFragment
}
