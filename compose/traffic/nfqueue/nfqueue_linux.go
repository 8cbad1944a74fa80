package nfqueue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Types of messages and attributes, and their values, are those of
// include/uapi/linux/netfilter/nfnetlink_queue.h.
const (
	subsystem  = unix.NFNL_SUBSYS_QUEUE << 8
	msgPacket  = subsystem
	msgVerdict = subsystem | 1
	msgConfig  = subsystem | 2

	attrPacketHeader  = 1
	attrVerdictHeader = 2
	attrInDevice      = 5
	attrOutDevice     = 6
	attrPayload       = 10

	configCommand   = 1
	configParams    = 2
	configMaxLength = 3

	commandBind = 1
	copyPacket  = 2
	wholePacket = 0xffff

	verdictDrop   = 0
	verdictAccept = 1

	headerLength = unix.SizeofNlMsghdr + 4 // with struct nfgenmsg
)

// ErrHeld is that another process holds the queue.
var ErrHeld = errors.New("another process holds the queue")

// Queue is for one goroutine.
type Queue struct {
	fd       int
	number   uint16
	sequence uint32
	received []byte
	verdicts []byte
}

// Packet is one that waits for its verdict.
type Packet struct {
	ID        uint32
	InDevice  uint32 // the index of the interface that it came by; 0 if none
	OutDevice uint32 // the one that it leaves by
	Data      []byte // from the IP header on; valid until the next Receive
}

// Open holds the queue of this number in the namespace of the current thread. Up to maxLength
// packets wait in the kernel, and those beyond are dropped.
func Open(number uint16, maxLength uint32) (*Queue, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, fmt.Errorf("opening a netlink socket: %w", err)
	}
	q := &Queue{fd: fd, number: number, received: make([]byte, 128<<10)}
	if err := q.configure(maxLength); err != nil {
		q.Close()
		return nil, fmt.Errorf("netfilter queue %d: %w", number, err)
	}
	return q, nil
}

// socketBuffer is in bytes: packets that the kernel has no room for are dropped.
const socketBuffer = 32 << 20

func (q *Queue) configure(maxLength uint32) error {
	if err := unix.Bind(q.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("binding its socket: %w", err)
	}
	// In a user namespace the limit of net.core.rmem_max holds.
	if unix.SetsockoptInt(q.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, socketBuffer) != nil {
		if err := unix.SetsockoptInt(q.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer); err != nil {
			return fmt.Errorf("setting its buffer: %w", err)
		}
	}
	if err := unix.SetsockoptInt(q.fd, unix.SOL_NETLINK, unix.NETLINK_NO_ENOBUFS, 1); err != nil {
		return fmt.Errorf("setting its socket up: %w", err)
	}
	err := q.set(configCommand, []byte{commandBind, 0, 0, 0})
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EBUSY) {
		return ErrHeld
	} else if err != nil {
		return fmt.Errorf("taking hold of it: %w", err)
	}
	if err := q.set(configMaxLength, binary.BigEndian.AppendUint32(nil, maxLength)); err != nil {
		return fmt.Errorf("setting its length: %w", err)
	}
	if err := q.set(configParams, append(binary.BigEndian.AppendUint32(nil, wholePacket), copyPacket)); err != nil {
		return fmt.Errorf("having packets copied: %w", err)
	}
	return nil
}

// set waits for the kernel's answer, and passes packets that come before it by: they are accepted.
func (q *Queue) set(attr uint16, value []byte) error {
	q.sequence++
	message := q.begin(nil, msgConfig, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	message = appendAttribute(message, attr, value)
	end(message, 0)
	if _, err := unix.Write(q.fd, message); err != nil {
		return err
	}
	for {
		n, err := unix.Read(q.fd, q.received)
		if errors.Is(err, unix.EAGAIN) {
			if _, err := unix.Poll([]unix.PollFd{{Fd: int32(q.fd), Events: unix.POLLIN}}, int(time.Second/time.Millisecond)); err != nil && !errors.Is(err, unix.EINTR) {
				return err
			}
			continue
		} else if err != nil {
			return err
		}
		if n < headerLength {
			continue
		}
		switch binary.NativeEndian.Uint16(q.received[4:]) {
		case unix.NLMSG_ERROR:
			if binary.NativeEndian.Uint32(q.received[8:]) != q.sequence {
				continue
			}
			if errno := int32(binary.NativeEndian.Uint32(q.received[unix.SizeofNlMsghdr:])); errno != 0 {
				return unix.Errno(-errno)
			}
			return nil
		case msgPacket:
			var p Packet
			if p.parse(q.received[headerLength:n]) {
				q.Accept(p.ID)
				q.Flush()
			}
		}
	}
}

// FD is readable when a packet is there.
func (q *Queue) FD() int { return q.fd }

// Receive has the next packet, or EAGAIN if none is there.
func (q *Queue) Receive(p *Packet) error {
	for {
		n, err := unix.Read(q.fd, q.received)
		if errors.Is(err, unix.EINTR) {
			continue
		} else if err != nil {
			return err
		}
		if n < headerLength || binary.NativeEndian.Uint16(q.received[4:]) != msgPacket {
			continue
		}
		if p.parse(q.received[headerLength:n]) {
			return nil
		}
	}
}

func (p *Packet) parse(b []byte) bool {
	*p = Packet{}
	header := false
	for len(b) >= unix.SizeofNlAttr {
		length := int(binary.NativeEndian.Uint16(b))
		if length < unix.SizeofNlAttr || length > len(b) {
			return false
		}
		value := b[unix.SizeofNlAttr:length]
		switch attr := binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER); {
		case attr == attrPacketHeader && len(value) >= 4:
			p.ID, header = binary.BigEndian.Uint32(value), true
		case attr == attrInDevice && len(value) >= 4:
			p.InDevice = binary.BigEndian.Uint32(value)
		case attr == attrOutDevice && len(value) >= 4:
			p.OutDevice = binary.BigEndian.Uint32(value)
		case attr == attrPayload:
			p.Data = value
		}
		b = b[min(align(length), len(b)):]
	}
	return header
}

// Accept and Drop are sent by Flush.
func (q *Queue) Accept(id uint32) { q.verdict(verdictAccept, id, nil) }

// AcceptAs lets another packet pass instead, which data is all of.
func (q *Queue) AcceptAs(id uint32, data []byte) { q.verdict(verdictAccept, id, data) }

// Drop loses a packet. The sender is not told.
func (q *Queue) Drop(id uint32) { q.verdict(verdictDrop, id, nil) }

func (q *Queue) verdict(what, id uint32, data []byte) {
	if len(q.verdicts) > 32<<10 {
		q.Flush()
	}
	start := len(q.verdicts)
	q.verdicts = q.begin(q.verdicts, msgVerdict, unix.NLM_F_REQUEST)
	var value [8]byte
	binary.BigEndian.PutUint32(value[:], what)
	binary.BigEndian.PutUint32(value[4:], id)
	q.verdicts = appendAttribute(q.verdicts, attrVerdictHeader, value[:])
	if data != nil {
		q.verdicts = appendAttribute(q.verdicts, attrPayload, data)
	}
	end(q.verdicts, start)
}

// Flush sends the verdicts. Those on packets that the kernel no longer has are ignored.
func (q *Queue) Flush() error {
	if len(q.verdicts) == 0 {
		return nil
	}
	defer func() { q.verdicts = q.verdicts[:0] }()
	for {
		_, err := unix.Write(q.fd, q.verdicts)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("sending verdicts to netfilter queue %d: %w", q.number, err)
		}
		return nil
	}
}

// Close gives the queue up. The kernel drops the packets that are in it.
func (q *Queue) Close() error { return unix.Close(q.fd) }

func (q *Queue) begin(b []byte, kind, flags uint16) []byte {
	b = binary.NativeEndian.AppendUint32(b, 0) // its length, by end
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, q.sequence)
	b = binary.NativeEndian.AppendUint32(b, 0)
	b = append(b, unix.AF_UNSPEC, unix.NFNETLINK_V0)
	return binary.BigEndian.AppendUint16(b, q.number)
}

func appendAttribute(b []byte, kind uint16, value []byte) []byte {
	length := unix.SizeofNlAttr + len(value)
	b = binary.NativeEndian.AppendUint16(b, uint16(length))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = append(b, value...)
	return append(b, make([]byte, align(length)-length)...)
}

func end(b []byte, start int) { binary.NativeEndian.PutUint32(b[start:], uint32(len(b)-start)) }

func align(n int) int { return (n + unix.NLA_ALIGNTO - 1) &^ (unix.NLA_ALIGNTO - 1) }
