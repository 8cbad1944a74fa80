package proc

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Listener is a TCP socket that listens.
type Listener struct {
	// At is where: of an address of IPv6 whose last four bytes are one of IPv4 it has that.
	At netip.AddrPort
	// Inode tells which of the descriptors of a process it is.
	Inode uint64
}

// Listeners are those of the network namespace that a process is in, by the kernel's tables (proc(5): field 2 of a line
// is the local address, 4 the state, 10 the inode). process is a pid, or "self".
func Listeners(process string) (all []Listener, err error) {
	for _, table := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(filepath.Join("/proc", process, "net", table))
		if os.IsNotExist(err) && table == "tcp6" {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(data)) {
			if l, ok := parseListener(line); ok {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

func parseListener(line string) (l Listener, ok bool) {
	const stateListen = "0A"
	f := strings.Fields(line)
	if len(f) < 10 || f[3] != stateListen {
		return l, false
	}
	host, port, _ := strings.Cut(f[1], ":")
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil || len(host)%8 != 0 {
		return l, false
	}
	// Words of 32 bits, each as this machine has it: written here with the last byte first.
	var bytes []byte
	for word := range len(host) / 8 {
		v, err := strconv.ParseUint(host[word*8:word*8+8], 16, 32)
		if err != nil {
			return l, false
		}
		bytes = append(bytes, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	addr, ok := netip.AddrFromSlice(bytes)
	if !ok {
		return l, false
	}
	l.At = netip.AddrPortFrom(addr.Unmap(), uint16(n))
	l.Inode, err = strconv.ParseUint(f[9], 10, 64)
	return l, err == nil
}

// Sockets are the inodes of the sockets that a process has.
func Sockets(pid int) map[uint64]bool {
	inodes := map[uint64]bool{}
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil {
			continue // it was closed meanwhile
		}
		text, is := strings.CutPrefix(target, "socket:[")
		if inode, err := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 64); is && err == nil {
			inodes[inode] = true
		}
	}
	return inodes
}

// PIDs are those of all processes that can be seen.
func PIDs() (all []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// Comm is the name of a process's program; "" of one that has ended.
func Comm(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(name))
}

// PortHolder names the process that listens on a TCP port of this machine, as
// far as it can be seen.
func PortHolder(port int) string {
	listeners, _ := Listeners("self")
	for _, pid := range PIDs() {
		sockets := Sockets(pid)
		for _, l := range listeners {
			if int(l.At.Port()) == port && sockets[l.Inode] && Comm(pid) != "" {
				return fmt.Sprintf("process %d (%s)", pid, Comm(pid))
			}
		}
	}
	return fmt.Sprintf("a process that this user cannot see (sudo ss -ltnp 'sport = :%d' names it)", port)
}
