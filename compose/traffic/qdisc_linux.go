package traffic

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// Handles and names of what is ours, as in ruleset_linux.go.
const (
	rootMajor    = 0x7263 // of the qdiscs at the root of interfaces
	devicePrefix = "rchaos-"
)

func rootHandle() uint32                { return netlink.MakeHandle(rootMajor, 0) }
func classHandle(minor uint16) uint32   { return netlink.MakeHandle(rootMajor, minor) }
func isDevice(link netlink.Link) bool   { return strings.HasPrefix(link.Attrs().Name, devicePrefix) }
func isLoopback(link netlink.Link) bool { return link.Attrs().Index == loopbackIndex }

// deviceOf is the name of the IFB device to which what comes by an interface is forwarded.
func deviceOf(link netlink.Link) string { return devicePrefix + strconv.Itoa(link.Attrs().Index) }

// interfaces are those of the current thread's namespace that are limited.
func interfaces() ([]netlink.Link, error) {
	all, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("listing interfaces: %w", err)
	}
	return slices.DeleteFunc(all, func(l netlink.Link) bool { return isLoopback(l) || isDevice(l) }), nil
}

// prepareQdiscs makes the classes of the rules, on every interface. They have no effect yet, as no
// packet is of them. devices are the indices of those of packets that come, by their interface.
func prepareQdiscs(rules []placed) (devices map[string]int, err error) {
	classes := map[Direction]map[uint16]Effect{In: {}, Out: {}}
	for _, r := range rules {
		if r.by.classful() {
			classes[r.Match.Direction][r.class] = r.Effect
		}
	}
	if len(classes[In])+len(classes[Out]) == 0 {
		return nil, nil
	}
	links, err := interfaces()
	if err != nil {
		return nil, err
	}
	devices = map[string]int{}
	for _, link := range links {
		if len(classes[Out]) > 0 {
			if err := addClasses(link, classes[Out]); err != nil {
				return nil, err
			}
		}
		if len(classes[In]) > 0 {
			device, err := addDevice(link)
			if err != nil {
				return nil, err
			}
			if err := addClasses(device, classes[In]); err != nil {
				return nil, err
			}
			devices[link.Attrs().Name] = device.Attrs().Index
		}
	}
	return devices, nil
}

// addClasses leaves alone what is there.
func addClasses(link netlink.Link, classes map[uint16]Effect) error {
	name := link.Attrs().Name
	root, err := rootOf(link)
	if err != nil {
		return err
	}
	if root == nil {
		htb := netlink.NewHtb(netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: rootHandle(), Parent: netlink.HANDLE_ROOT})
		if err := netlink.QdiscAdd(htb); err != nil {
			return explained("adding an HTB qdisc to "+name, err)
		}
	}
	there, err := netlink.ClassList(link, rootHandle())
	if err != nil {
		return fmt.Errorf("listing the classes of %s: %w", name, err)
	}
	for minor, e := range classes {
		handle := classHandle(minor)
		if slices.ContainsFunc(there, func(c netlink.Class) bool { return c.Attrs().Handle == handle }) {
			continue
		}
		if err := addClass(link, handle, e); err != nil {
			return explained("adding a class to the HTB qdisc of "+name, err)
		}
	}
	return nil
}

// mostBytes is the rate of a class that limits nothing, in bytes per second.
const mostBytes = 4_000_000_000

// addClass is of a limit, or of a latency.
func addClass(link netlink.Link, handle uint32, e Effect) error {
	rate := int64(mostBytes)
	if e.Bandwidth != nil {
		rate = e.Bandwidth.BytesPerSecond
	}
	class := netlink.NewHtbClass(
		netlink.ClassAttrs{LinkIndex: link.Attrs().Index, Parent: rootHandle(), Handle: handle},
		netlink.HtbClassAttrs{
			Rate: uint64(rate) * 8, Buffer: burst(rate), Cbuffer: burst(rate),
			Quantum: largestPacket, // which only counts between classes that lend
		})
	if err := netlink.ClassAdd(class); err != nil {
		return err
	}
	if e.Bandwidth != nil {
		return addBuffer(link, handle, uint32(e.Bandwidth.buffer()))
	}
	netem := netlink.NewNetem(
		netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Parent: handle},
		netlink.NetemQdiscAttrs{
			Latency: uint32(e.Latency.Delay.Microseconds()), Jitter: uint32(e.Latency.Jitter.Microseconds()), Limit: maxHeld,
		})
	return netlink.QdiscAdd(netem)
}

// burst is in bytes: what is let through at once, so that a timer that is late by up to 10 ms takes
// nothing of the rate.
func burst(rate int64) uint32 { return uint32(max(3200, rate/100)) }

// addBuffer is a bfifo of so many bytes, which the library has no type of.
func addBuffer(link netlink.Link, class uint32, bytes uint32) error {
	command := nl.NewNetlinkRequest(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK)
	command.AddData(&nl.TcMsg{Family: nl.FAMILY_ALL, Ifindex: int32(link.Attrs().Index), Parent: class})
	command.AddData(nl.NewRtAttr(nl.TCA_KIND, nl.ZeroTerminated("bfifo")))
	command.AddData(nl.NewRtAttr(nl.TCA_OPTIONS, binary.NativeEndian.AppendUint32(nil, bytes)))
	_, err := command.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// rootOf is our qdisc at an interface's root, or nil where there is the kernel's own, whose handle is 0.
func rootOf(link netlink.Link) (netlink.Qdisc, error) {
	all, err := netlink.QdiscList(link)
	if err != nil {
		return nil, fmt.Errorf("listing the qdiscs of %s: %w", link.Attrs().Name, err)
	}
	for _, q := range all {
		switch a := q.Attrs(); {
		case a.Parent != netlink.HANDLE_ROOT || a.Handle == 0:
		case a.Handle == rootHandle():
			return q, nil
		default:
			return nil, fmt.Errorf("the interface %s has a qdisc of somebody else's: %s %s",
				link.Attrs().Name, q.Type(), netlink.HandleStr(a.Handle))
		}
	}
	return nil, nil
}

// addDevice is the IFB device of an interface, which gives what it is given back to that.
func addDevice(link netlink.Link) (netlink.Link, error) {
	name := link.Attrs().Name
	device, err := netlink.LinkByName(deviceOf(link))
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = deviceOf(link)
		if err := netlink.LinkAdd(&netlink.Ifb{LinkAttrs: attrs}); err != nil {
			return nil, explained("adding an IFB device", err)
		}
		device, err = netlink.LinkByName(deviceOf(link))
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the IFB device of %s: %w", name, err)
	}
	if err := netlink.LinkSetUp(device); err != nil {
		return nil, fmt.Errorf("setting the IFB device of %s up: %w", name, err)
	}
	return device, nil
}

// classesOf are the handles of the classes of rules.
func classesOf(rules []placed) map[Direction]map[uint32]bool {
	classes := map[Direction]map[uint32]bool{In: {}, Out: {}}
	for _, r := range rules {
		if r.by.classful() {
			classes[r.Match.Direction][classHandle(r.class)] = true
		}
	}
	return classes
}

// removeQdiscs removes what is ours and has none of these classes.
func removeQdiscs(keep map[Direction]map[uint32]bool) error {
	all, err := netlink.LinkList()
	if err != nil {
		return fmt.Errorf("listing interfaces: %w", err)
	}
	devices := map[string]bool{} // that are wanted
	for _, link := range all {
		if !isLoopback(link) && !isDevice(link) {
			devices[deviceOf(link)] = len(keep[In]) > 0
			err = errors.Join(err, removeClasses(link, keep[Out]))
		}
	}
	for _, link := range all {
		switch {
		case !isDevice(link):
		case devices[link.Attrs().Name]:
			err = errors.Join(err, removeClasses(link, keep[In]))
		default:
			if failed := netlink.LinkDel(link); failed != nil {
				err = errors.Join(err, fmt.Errorf("removing the IFB device %s: %w", link.Attrs().Name, failed))
			}
		}
	}
	return err
}

func removeClasses(link netlink.Link, keep map[uint32]bool) error {
	root, err := rootOf(link)
	if root == nil {
		return nil // if there is an error, it is somebody else's
	}
	if err != nil {
		return err
	}
	if len(keep) == 0 {
		if err := netlink.QdiscDel(root); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("removing the HTB qdisc of %s: %w", link.Attrs().Name, err)
		}
		return nil
	}
	classes, err := netlink.ClassList(link, rootHandle())
	if err != nil {
		return fmt.Errorf("listing the classes of %s: %w", link.Attrs().Name, err)
	}
	for _, c := range classes {
		if keep[c.Attrs().Handle] {
			continue
		}
		if err := netlink.ClassDel(c); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("removing a class of %s: %w", link.Attrs().Name, err)
		}
	}
	return nil
}

// limit is what there is of ours for an interface in a direction.
type limit struct {
	direction Direction
	name      string // of the interface
	device    string // that has the qdisc
	there     bool
	classes   map[uint32]Done // by their handles
}

// limits are of all interfaces, and of devices whose interface has gone.
func limits() ([]limit, error) {
	all, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("listing interfaces: %w", err)
	}
	device := map[string]netlink.Link{}
	for _, link := range all {
		if isDevice(link) {
			device[link.Attrs().Name] = link
		}
	}
	var found []limit
	for _, link := range all {
		if isLoopback(link) || isDevice(link) {
			continue
		}
		out, err := limitOf(Out, link, link)
		if err != nil {
			return nil, err
		}
		in := limit{direction: In, name: link.Attrs().Name}
		if ifb := device[deviceOf(link)]; ifb != nil {
			if in, err = limitOf(In, link, ifb); err != nil {
				return nil, err
			}
			in.there = true
			delete(device, deviceOf(link))
		}
		found = append(found, out, in)
	}
	for name := range device {
		found = append(found, limit{direction: In, name: name, there: true})
	}
	return found, nil
}

func limitOf(d Direction, link, device netlink.Link) (limit, error) {
	l := limit{direction: d, name: link.Attrs().Name, device: device.Attrs().Name}
	root, err := rootOf(device)
	if root == nil {
		return l, nil // if there is an error, it is somebody else's
	}
	if err != nil {
		return l, err
	}
	l.there = true
	classes, err := netlink.ClassList(device, rootHandle())
	if err != nil {
		return l, fmt.Errorf("listing the classes of %s: %w", l.device, err)
	}
	l.classes = map[uint32]Done{}
	for _, c := range classes {
		l.classes[c.Attrs().Handle] = passed(c.Attrs().Statistics)
	}
	return l, nil
}

// passed is what a class has let through; nothing where the kernel does not say.
func passed(s *netlink.ClassStatistics) (done Done) {
	if s != nil && s.Basic != nil && s.Queue != nil {
		done.Packets, done.Bytes, done.Full = uint64(s.Basic.Packets), s.Basic.Bytes, uint64(s.Queue.Drops)
		done.Of = done.Packets + done.Full
	}
	return done
}

// probeHTB is whether packets that leave can be limited.
func probeHTB() error {
	if err := tryKind("htb"); err != nil {
		return err
	}
	links, err := interfaces()
	for _, link := range links {
		_, foreign := rootOf(link)
		err = errors.Join(err, foreign)
	}
	return err
}

// tryKind is of a kind of qdisc that takes options. The kernel looks for the kind first, and refuses it
// without options then, so that nothing is changed.
func tryKind(kind string) error {
	command := nl.NewNetlinkRequest(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	command.AddData(&nl.TcMsg{Family: nl.FAMILY_ALL, Ifindex: loopbackIndex, Parent: netlink.HANDLE_ROOT, Handle: rootHandle()})
	command.AddData(nl.NewRtAttr(nl.TCA_KIND, nl.ZeroTerminated(kind)))
	_, err := command.Execute(unix.NETLINK_ROUTE, 0)
	switch {
	case err == nil:
		return fmt.Errorf("the kernel took a qdisc %s without options", kind)
	case errors.Is(err, unix.EINVAL):
		return nil
	}
	return explained("qdisc "+kind, err)
}

// probeDevice is whether packets that come can be limited. An IFB device of its own is added and removed.
func probeDevice() (err error) {
	if err := tryKind("htb"); err != nil {
		return err
	}
	if err := tryForward(); err != nil {
		return err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = devicePrefix + "probe"
	if err := netlink.LinkAdd(&netlink.Ifb{LinkAttrs: attrs}); err != nil {
		return explained("IFB devices", err)
	}
	link, err := netlink.LinkByName(attrs.Name)
	if err != nil {
		return fmt.Errorf("looking for the IFB device %s: %w", attrs.Name, err)
	}
	return netlink.LinkDel(link)
}
