package traffic

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

const (
	sockDestroy = 21 // of include/uapi/linux/sock_diag.h

	// States of TCP, of include/net/tcp_states.h. What is in another one is either ended or waits
	// for connections.
	tcpEstablished, tcpSynSent, tcpSynReceived, tcpCloseWait = 1, 2, 3, 8
)

// reset ends the connections of the current thread's namespace that match.
func reset(m Match) ([]Connection, error) {
	clauses := m.clauses()
	var ended []Connection
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		sockets, err := netlink.SocketDiagTCP(family)
		if err != nil {
			return ended, explained("listing connections", err)
		}
		for _, s := range sockets {
			c, ok := connectionOf(s)
			if !ok || !c.isOf(clauses) {
				continue
			}
			if err := destroy(s.Family, s.ID); errors.Is(err, unix.ENOENT) { // it ended by itself
				continue
			} else if err != nil {
				return ended, explained(fmt.Sprintf("ending the connection of %s to %s", c.Local, c.Remote), err)
			}
			ended = append(ended, c)
		}
	}
	return ended, nil
}

func connectionOf(s *netlink.Socket) (Connection, bool) {
	switch s.State {
	case tcpEstablished, tcpSynSent, tcpSynReceived, tcpCloseWait:
	default:
		return Connection{}, false
	}
	local, okLocal := netip.AddrFromSlice(s.ID.Source)
	remote, okRemote := netip.AddrFromSlice(s.ID.Destination)
	return Connection{
		Local:  netip.AddrPortFrom(local.Unmap(), s.ID.SourcePort),
		Remote: netip.AddrPortFrom(remote.Unmap(), s.ID.DestinationPort),
	}, okLocal && okRemote
}

func (c Connection) isOf(clauses []clause) bool {
	p := packet{
		peer: c.Remote.Addr(), protocol: protocolTCP, hasPorts: true,
		local: c.Local.Port(), remote: c.Remote.Port(),
		loopback: c.Remote.Addr().IsLoopback() || c.Remote.Addr() == c.Local.Addr(),
	}
	for _, one := range clauses {
		if one.matches(p) {
			return true
		}
	}
	return false
}

// diagRequest is struct inet_diag_req_v2 of include/uapi/linux/inet_diag.h.
type diagRequest struct {
	family uint8
	id     netlink.SocketID
}

func (r diagRequest) Len() int { return 56 }

func (r diagRequest) Serialize() []byte {
	b := []byte{r.family, unix.IPPROTO_TCP, 0, 0}
	b = binary.NativeEndian.AppendUint32(b, 0xffffffff)
	b = binary.BigEndian.AppendUint16(b, r.id.SourcePort)
	b = binary.BigEndian.AppendUint16(b, r.id.DestinationPort)
	for _, addr := range []net.IP{r.id.Source, r.id.Destination} {
		if r.family == unix.AF_INET {
			addr = addr.To4()
		}
		var field [16]byte
		copy(field[:], addr)
		b = append(b, field[:]...)
	}
	b = binary.NativeEndian.AppendUint32(b, r.id.Interface)
	b = binary.NativeEndian.AppendUint32(b, r.id.Cookie[0])
	return binary.NativeEndian.AppendUint32(b, r.id.Cookie[1])
}

func destroy(family uint8, id netlink.SocketID) error {
	command := nl.NewNetlinkRequest(sockDestroy, unix.NLM_F_ACK)
	command.AddData(diagRequest{family, id})
	_, err := command.Execute(unix.NETLINK_INET_DIAG, 0)
	return err
}

// tryDestroy asks for the end of a connection that is not there.
func tryDestroy() error {
	err := destroy(unix.AF_INET, netlink.SocketID{Source: net.IPv4zero, Destination: net.IPv4zero})
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err == nil {
		return errors.New("ending connections: the kernel ended one that there is not")
	}
	if errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("ending connections: this kernel is built without CONFIG_INET_DIAG_DESTROY: %w", err)
	}
	return explained("ending connections", err)
}
