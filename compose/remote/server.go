package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/proc"
	"github.com/redis-chaos/redis-chaos/compose/program"
)

// server is the server of a node as a process of this machine.
type server struct {
	compose.Node
	origin origin

	mu sync.Mutex
	// pid is its process, and since when that runs, as the kernel counts; 0 if it has ended.
	pid   int
	since string
}

func newServer(n compose.Node, o origin) *server { return &server{Node: n, origin: o} }

// errEnded is the error of signalling a server that has ended.
var errEnded = errors.New("it is not running")

// find finds the process that listens at the node's address, and runs the program that it was found to run.
func (s *server) find() error {
	at, err := net.ResolveTCPAddr("tcp", s.HostAddr)
	if err != nil {
		return err
	}
	listeners, err := listening(at.AddrPort())
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = 0
	for _, pid := range proc.PIDs() {
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if err != nil || strings.TrimSuffix(exe, " (deleted)") != s.origin.Exe {
			continue
		}
		sockets := proc.Sockets(pid)
		holds := func(inode uint64) bool { return sockets[inode] }
		// What it has forked holds its sockets, too, and has it for a parent.
		if state := stateOf(pid); slices.ContainsFunc(listeners, holds) && !slices.ContainsFunc(listeners, func(inode uint64) bool { return proc.Sockets(state.parent)[inode] }) {
			s.pid, s.since = pid, state.since
			return nil
		}
	}
	return nil
}

// listening are the sockets of this machine that listen at an address.
func listening(at netip.AddrPort) (inodes []uint64, err error) {
	all, err := proc.Listeners("self")
	for _, l := range all {
		if l.At.Port() == at.Port() && (l.At.Addr() == at.Addr().Unmap() || l.At.Addr().IsUnspecified()) {
			inodes = append(inodes, l.Inode)
		}
	}
	return inodes, err
}

// processAt is the process of this machine that is the server at an address and calls itself pid; why says that there is
// none.
func processAt(ctx context.Context, addr string, pid int) (_ int, why string, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, "", err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return 0, "", err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0, "", err
	}
	sockets := proc.Sockets(pid)
	for _, ip := range ips {
		if !isHere(ip.Unmap()) {
			continue
		}
		inodes, err := listening(netip.AddrPortFrom(ip.Unmap(), uint16(number)))
		if err != nil {
			return 0, "what listens at its address cannot be seen: " + err.Error(), nil
		}
		if slices.ContainsFunc(inodes, func(inode uint64) bool { return sockets[inode] }) {
			return pid, "", nil
		}
		return 0, "at its address on this machine listens no process that this user can see as its own: it may be in a container, or of another user", nil
	}
	return 0, "its address is not one of this machine", nil
}

// isHere tells whether this machine has an address.
func isHere(ip netip.Addr) bool {
	if ip.IsLoopback() {
		return true
	}
	addrs, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(addrs, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Unmap() == ip
	})
}

// state is what the kernel says of a process: its state, its parent and since when it runs.
type state struct {
	letter string // "" of one that has ended
	parent int
	since  string
}

// stateOf reads /proc/PID/stat: after the name, in parentheses, field 3 is the state, 4 the parent, 22 the start.
func stateOf(pid int) (s state) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s
	}
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const start = 22 - 3
	if len(f) <= start || f[0] == "Z" || f[0] == "X" {
		return s
	}
	s.parent, _ = strconv.Atoi(f[1]) // the kernel writes numbers
	s.letter, s.since = f[0], f[start]
	return s
}

// current is the process and its state; 0 of one that has ended.
func (s *server) current() (pid int, is state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid == 0 {
		return 0, is
	}
	if is = stateOf(s.pid); is.letter == "" || is.since != s.since {
		return 0, state{}
	}
	return s.pid, is
}

// running is the process; 0 if it has ended.
func (s *server) running() int {
	pid, _ := s.current()
	return pid
}

// stopped tells whether a signal has it halt.
func (s *server) stopped() bool {
	_, is := s.current()
	return is.letter == "T"
}

func (s *server) condition() compose.Condition {
	return compose.Condition{Running: s.running() != 0, Paused: s.stopped()}
}

func (s *server) signal(number syscall.Signal) error {
	pid := s.running()
	if pid == 0 {
		return errEnded
	}
	return syscall.Kill(pid, number)
}

// endPace is the time between two looks at whether a process has ended.
const endPace = 5 * time.Millisecond

// end asks the server to end, and kills it after grace.
func (s *server) end(ctx context.Context, grace time.Duration) error {
	if err := s.signal(syscall.SIGTERM); err != nil {
		return err
	}
	late := time.Now().Add(grace)
	for s.running() != 0 {
		if time.Now().After(late) {
			if err := s.signal(syscall.SIGKILL); err != nil && !errors.Is(err, errEnded) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(endPace):
		}
	}
	return nil
}

// start starts the server as it was started before, unless one runs, and waits until it answers.
func (s *server) start(ctx context.Context, access compose.Access) error {
	if s.running() != 0 {
		return nil
	}
	if err := s.find(); err != nil { // somebody else may have started it
		return err
	}
	if s.running() != 0 {
		return nil
	}
	if err := s.origin.run(string(access.Password)); err != nil {
		return err
	}
	const (
		patience = 20 * time.Second
		pause    = 10 * time.Millisecond
	)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := s.find()
		if err == nil && s.running() != 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("nothing listens at %s; by hand: %s", s.HostAddr, strings.Join(s.byHand(), "; ")), err)
		case <-time.After(pause):
		}
	}
}

// byHand is what has the server run as it did.
func (s *server) byHand() []string {
	switch pid, is := s.current(); {
	case is.letter == "T":
		return []string{fmt.Sprintf("kill -CONT %d", pid)}
	case pid != 0:
		return nil
	}
	words := slices.Clone(s.origin.Args)
	if words == nil {
		words = []string{s.origin.Name}
		if s.origin.File != "" {
			words = append(words, s.origin.File)
		}
	}
	for i := range words {
		words[i] = program.Word(words[i])
	}
	return []string{"cd " + program.Word(s.origin.Dir), strings.Join(words, " ")}
}
