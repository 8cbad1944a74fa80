package traffic

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Addresses of the two namespaces of a test. Rules are those of the near one.
var (
	near  = netip.MustParseAddr("10.77.0.1")
	far   = netip.MustParseAddr("10.77.0.2")
	near6 = netip.MustParseAddr("fd77::1")
	far6  = netip.MustParseAddr("fd77::2")
)

// world is two namespaces that a veth pair joins.
type world struct {
	near, far *namespace
}

func newWorld(t testing.TB) *world {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces are made by root alone")
	}
	w := &world{near: newNamespace(t), far: newNamespace(t)}
	must(t, w.near.inside(func() error {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = "eth0"
		return netlink.LinkAdd(&netlink.Veth{
			LinkAttrs: attrs, PeerName: "eth0", PeerNamespace: netlink.NsFd(w.far.file.Fd()),
		})
	}))
	for ns, addrs := range map[*namespace][]netip.Addr{w.near: {near, near6}, w.far: {far, far6}} {
		must(t, ns.inside(func() error { return setUp(addrs) }))
	}
	for _, ns := range []*namespace{w.near, w.far} {
		must(t, ns.inside(waitForCarrier))
	}
	return w
}

// waitForCarrier also waits for what the kernel does for IPv6 after that.
func waitForCarrier() error {
	for range 1000 {
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		local, err := netlink.RouteListFiltered(netlink.FAMILY_V6, &netlink.Route{Table: unix.RT_TABLE_LOCAL, LinkIndex: link.Attrs().Index},
			netlink.RT_FILTER_TABLE|netlink.RT_FILTER_OIF)
		if err != nil {
			return err
		}
		isLocal := func(r netlink.Route) bool { return r.Type == unix.RTN_LOCAL }
		if link.Attrs().OperState == netlink.OperUp && slices.ContainsFunc(local, isLocal) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return errors.New("eth0 does not come up")
}

func setUp(addrs []netip.Addr) error {
	for _, name := range []string{"lo", "eth0"} {
		link, err := netlink.LinkByName(name)
		if err != nil {
			return err
		}
		// Without an address that appears by itself, and after a while.
		if err := netlink.LinkSetIP6AddrGenMode(link, 1); err != nil {
			return err
		}
		if err := netlink.LinkSetUp(link); err != nil {
			return err
		}
		if name == "lo" {
			continue
		}
		for _, a := range addrs {
			bits := 24
			if a.Is6() {
				bits = 64
			}
			addr := &netlink.Addr{IPNet: &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(bits, a.BitLen())}}
			if a.Is6() {
				addr.Flags = unix.IFA_F_NODAD
			}
			if err := netlink.AddrAdd(link, addr); err != nil {
				return err
			}
		}
	}
	return nil
}

func newNamespace(t testing.TB) *namespace {
	t.Helper()
	made := make(chan *namespace, 1)
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and the thread ends with this goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			failed <- err
			return
		}
		ns, err := openNamespace("")
		if err != nil {
			failed <- err
			return
		}
		made <- ns
	}()
	select {
	case err := <-failed:
		t.Fatalf("making a network namespace: %v", err)
		return nil
	case ns := <-made:
		t.Cleanup(ns.close)
		return ns
	}
}

func (n *namespace) path() string { return fmt.Sprintf("/proc/self/fd/%d", n.file.Fd()) }

// table is of the near namespace.
func (w *world) table(t testing.TB) *Table {
	t.Helper()
	table, err := Open(w.near.path())
	must(t, err)
	t.Cleanup(func() { must(t, table.Close()) })
	return table
}

// snapshot is all of a namespace that rules could change, a line each.
func (n *namespace) snapshot(t testing.TB) string {
	t.Helper()
	var all strings.Builder
	must(t, n.inside(func() error {
		for _, write := range []func(io.Writer) error{writeLinks, writeRoutes, writeNftables} {
			if err := write(&all); err != nil {
				return err
			}
		}
		return nil
	}))
	// And as the system's own programs tell it, where there are any.
	for _, command := range []string{"ip -d link", "ip addr", "ip route show table all", "ip rule", "tc qdisc",
		"tc -d filter show dev eth0", "tc filter show dev eth0 ingress", "nft list ruleset"} {
		args := strings.Fields(command)
		if _, err := exec.LookPath(args[0]); err == nil {
			// What ip says of a link whose other end's namespace is going away comes and goes.
			told := strings.ReplaceAll(string(n.run(t, args...)), "Error: Peer netns reference is invalid.\n", "")
			fmt.Fprintf(&all, "# %s\n%s", command, told)
		}
	}
	return all.String()
}

func writeLinks(w io.Writer) error {
	links, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, link := range links {
		link.Attrs().Statistics, link.Attrs().Xdp = nil, nil // counters, and a pointer
		qdiscs, err := netlink.QdiscList(link)
		if err != nil {
			return err
		}
		addrs, err := netlink.AddrList(link, netlink.FAMILY_ALL)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s %+v\n", link.Type(), *link.Attrs())
		for _, q := range qdiscs {
			fmt.Fprintf(w, "%s %s %v\n", link.Attrs().Name, q.Type(), q.Attrs())
		}
		for _, a := range addrs {
			fmt.Fprintf(w, "%s %v\n", link.Attrs().Name, a)
		}
	}
	return nil
}

func writeRoutes(w io.Writer) error {
	routes, err := netlink.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{}, netlink.RT_FILTER_TABLE)
	for _, r := range routes {
		fmt.Fprintf(w, "%v\n", r)
	}
	return err
}

func writeNftables(w io.Writer) error {
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	tables, err := conn.ListTables()
	if err != nil {
		return err
	}
	chains, err := conn.ListChains()
	if err != nil {
		return err
	}
	for _, t := range tables {
		fmt.Fprintf(w, "table %d %s\n", t.Family, t.Name)
		for _, c := range chains {
			if c.Table.Name != t.Name || c.Table.Family != t.Family {
				continue
			}
			rules, err := conn.GetRules(t, c)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "chain %s %d, %d rules\n", c.Name, *c.Hooknum, len(rules))
		}
	}
	return nil
}

// checkSame is of a namespace that was as before says.
func (n *namespace) checkSame(t testing.TB, before string) {
	t.Helper()
	after := n.snapshot(t)
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			t.Errorf("was and is not: %s", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			t.Errorf("is and was not: %s", line)
		}
	}
	if before != after && !t.Failed() {
		t.Error("lines are in another order than before")
	}
}

func (n *namespace) run(t testing.TB, args ...string) []byte {
	t.Helper()
	var out []byte
	must(t, n.inside(func() (err error) {
		// A process begins in the namespace of the thread that starts it.
		out, err = exec.Command(args[0], args[1:]...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%v: %w: %s", args, err, out)
		}
		return err
	}))
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listen echoes connections of TCP at a port.
func (n *namespace) listen(t testing.TB, port uint16) {
	t.Helper()
	var l net.Listener
	must(t, n.inside(func() (err error) {
		l, err = net.Listen("tcp", fmt.Sprintf(":%d", port))
		return err
	}))
	var mu sync.Mutex
	var open []net.Conn
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			conns.Go(func() { echo(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		conns.Wait()
	})
}

func echo(conn net.Conn) {
	defer conn.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		if _, err := conn.Write(b[:n]); err != nil {
			return
		}
	}
}

// dial connects over TCP.
func (n *namespace) dial(to netip.Addr, port uint16, timeout time.Duration) (conn net.Conn, err error) {
	err = n.inside(func() error {
		conn, err = net.DialTimeout("tcp", netip.AddrPortFrom(to, port).String(), timeout)
		return err
	})
	return conn, err
}

// roundTrip is how long an answer on a connection took.
func roundTrip(conn net.Conn, timeout time.Duration) (time.Duration, error) {
	began := time.Now()
	conn.SetDeadline(began.Add(timeout))
	if _, err := conn.Write([]byte("ping")); err != nil {
		return 0, err
	}
	b := make([]byte, 4)
	_, err := conn.Read(b)
	return time.Since(began), err
}

// arrival is a datagram that came.
type arrival struct {
	number  int
	latency time.Duration
	whole   bool
}

// flow sends numbered datagrams of UDP to one end, each so long after the one before.
type flow struct {
	from, to *namespace
	dest     netip.Addr
	count    int
	every    time.Duration
	size     int           // at least 24 bytes
	wait     time.Duration // for those that come last
}

func (f flow) measure(t testing.TB) []arrival {
	t.Helper()
	var in, out net.PacketConn
	must(t, f.to.inside(func() (err error) {
		in, err = net.ListenPacket("udp", netip.AddrPortFrom(f.dest, 0).String())
		return err
	}))
	must(t, f.from.inside(func() (err error) {
		out, err = net.ListenPacket("udp", ":0")
		return err
	}))
	defer in.Close()
	defer out.Close()
	must(t, enlarge(in.(*net.UDPConn)))
	began := time.Now()
	var all []arrival
	var reading sync.WaitGroup
	reading.Go(func() {
		b := make([]byte, 64<<10)
		for {
			n, _, err := in.ReadFrom(b)
			if err != nil {
				return
			}
			sent := time.Duration(binary.BigEndian.Uint64(b))
			all = append(all, arrival{
				number: int(binary.BigEndian.Uint64(b[8:])), latency: time.Since(began) - sent, whole: n == max(24, f.size),
			})
		}
	})
	b := make([]byte, max(24, f.size))
	for i := range f.count {
		time.Sleep(time.Until(began.Add(time.Duration(i) * f.every)))
		binary.BigEndian.PutUint64(b, uint64(time.Since(began)))
		binary.BigEndian.PutUint64(b[8:], uint64(i))
		if _, err := out.WriteTo(b, in.LocalAddr()); err != nil {
			t.Errorf("sending datagram %d: %v", i, err)
			break
		}
	}
	in.SetReadDeadline(time.Now().Add(f.wait))
	reading.Wait()
	return all
}

// enlarge keeps the receiver from losing what it has no time for.
func enlarge(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 32<<20)
	})
	return errors.Join(err, failed)
}

func median(all []arrival) time.Duration {
	if len(all) == 0 {
		return 0
	}
	latencies := make([]time.Duration, len(all))
	for i, a := range all {
		latencies[i] = a.latency
	}
	slices.Sort(latencies)
	return latencies[len(latencies)/2]
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
