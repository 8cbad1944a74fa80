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
	rootMajor      = 0x7263 // of the qdiscs at the root of interfaces
	filterPriority = 0x7263 // of the filter that redirects what comes
	devicePrefix   = "rchaos-"
)

func rootHandle() uint32                { return netlink.MakeHandle(rootMajor, 0) }
func classHandle(minor uint16) uint32   { return netlink.MakeHandle(rootMajor, minor) }
func ingressHandle() uint32             { return netlink.MakeHandle(0xffff, 0) }
func isDevice(link netlink.Link) bool   { return strings.HasPrefix(link.Attrs().Name, devicePrefix) }
func isLoopback(link netlink.Link) bool { return link.Attrs().Index == loopbackIndex }

// deviceOf is the name of the IFB device to which what comes by an interface is redirected.
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
// packet is of them. devices are those of packets that come.
func prepareQdiscs(rules []placed) (devices []string, err error) {
	classes := map[Direction]map[uint16]Bandwidth{In: {}, Out: {}}
	for _, r := range rules {
		if r.by == Qdisc {
			classes[r.Match.Direction][r.class] = *r.Effect.Bandwidth
		}
	}
	if len(classes[In])+len(classes[Out]) == 0 {
		return nil, nil
	}
	links, err := interfaces()
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		if len(classes[Out]) > 0 {
			if err := addClasses(link, classes[Out]); err != nil {
				return nil, err
			}
		}
		if len(classes[In]) > 0 {
			device, err := redirect(link)
			if err != nil {
				return nil, err
			}
			if err := addClasses(device, classes[In]); err != nil {
				return nil, err
			}
			devices = append(devices, device.Attrs().Name)
		}
	}
	return devices, nil
}

// addClasses leaves alone what is there.
func addClasses(link netlink.Link, classes map[uint16]Bandwidth) error {
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
	for minor, b := range classes {
		handle := classHandle(minor)
		if slices.ContainsFunc(there, func(c netlink.Class) bool { return c.Attrs().Handle == handle }) {
			continue
		}
		class := netlink.NewHtbClass(
			netlink.ClassAttrs{LinkIndex: link.Attrs().Index, Parent: rootHandle(), Handle: handle},
			netlink.HtbClassAttrs{
				Rate: uint64(b.BytesPerSecond) * 8, Buffer: burst(b), Cbuffer: burst(b),
				Quantum: largestPacket, // which only counts between classes that lend
			})
		if err := netlink.ClassAdd(class); err != nil {
			return explained("adding a class to the HTB qdisc of "+name, err)
		}
		if err := addBuffer(link, handle, uint32(b.buffer())); err != nil {
			return explained("adding a buffer to the HTB qdisc of "+name, err)
		}
	}
	return nil
}

// burst is in bytes: what is let through at once, so that a timer that is late by up to 10 ms takes
// nothing of the rate.
func burst(b Bandwidth) uint32 { return uint32(max(3200, b.BytesPerSecond/100)) }

// addBuffer is a bfifo of so many bytes, which the library has no type of.
func addBuffer(link netlink.Link, class uint32, bytes uint32) error {
	request := nl.NewNetlinkRequest(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK)
	request.AddData(&nl.TcMsg{Family: nl.FAMILY_ALL, Ifindex: int32(link.Attrs().Index), Parent: class})
	request.AddData(nl.NewRtAttr(nl.TCA_KIND, nl.ZeroTerminated("bfifo")))
	request.AddData(nl.NewRtAttr(nl.TCA_OPTIONS, binary.NativeEndian.AppendUint32(nil, bytes)))
	_, err := request.Execute(unix.NETLINK_ROUTE, 0)
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

// redirect has what comes by an interface pass an IFB device first.
func redirect(link netlink.Link) (netlink.Link, error) {
	name := link.Attrs().Name
	if err := checkIngress(link); err != nil {
		return nil, err
	}
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
	ingress := &netlink.Ingress{QdiscAttrs: netlink.QdiscAttrs{
		LinkIndex: link.Attrs().Index, Handle: ingressHandle(), Parent: netlink.HANDLE_INGRESS,
	}}
	if err := netlink.QdiscAdd(ingress); err != nil && !errors.Is(err, unix.EEXIST) {
		return nil, explained("adding an ingress qdisc to "+name, err)
	}
	filters, err := netlink.FilterList(link, ingressHandle())
	if err != nil {
		return nil, fmt.Errorf("listing the filters of %s: %w", name, err)
	}
	if len(filters) > 0 {
		return device, nil
	}
	all := &netlink.U32{
		FilterAttrs: netlink.FilterAttrs{
			LinkIndex: link.Attrs().Index, Parent: ingressHandle(), Priority: filterPriority, Protocol: unix.ETH_P_ALL,
		},
		Actions: []netlink.Action{netlink.NewMirredAction(device.Attrs().Index)},
	}
	if err := netlink.FilterAdd(all); err != nil {
		return nil, explained("redirecting what comes by "+name, err)
	}
	return device, nil
}

// checkIngress is nil if nobody else has a qdisc for what comes by an interface.
func checkIngress(link netlink.Link) error {
	has, err := ingressOf(link)
	if err != nil || has == nil {
		return err
	}
	if has.Type() != "ingress" {
		return fmt.Errorf("the interface %s has a qdisc of somebody else's: %s", link.Attrs().Name, has.Type())
	}
	filters, err := netlink.FilterList(link, ingressHandle())
	if err != nil {
		return fmt.Errorf("listing the filters of %s: %w", link.Attrs().Name, err)
	}
	for _, f := range filters {
		if f.Attrs().Priority != filterPriority {
			return fmt.Errorf("the interface %s has filters of somebody else's on what comes", link.Attrs().Name)
		}
	}
	if len(filters) == 0 {
		if _, err := netlink.LinkByName(deviceOf(link)); err != nil {
			return fmt.Errorf("the interface %s has a qdisc of somebody else's: ingress", link.Attrs().Name)
		}
	}
	return nil
}

// ingressOf is nil if there is none.
func ingressOf(link netlink.Link) (netlink.Qdisc, error) {
	all, err := netlink.QdiscList(link)
	if err != nil {
		return nil, fmt.Errorf("listing the qdiscs of %s: %w", link.Attrs().Name, err)
	}
	for _, q := range all {
		if q.Attrs().Parent == netlink.HANDLE_INGRESS {
			return q, nil
		}
	}
	return nil, nil
}

// removeQdiscs removes what is ours and of none of the rules.
func removeQdiscs(rules []placed) error {
	keep := map[Direction]map[uint32]bool{In: {}, Out: {}}
	for _, r := range rules {
		if r.by == Qdisc {
			keep[r.Match.Direction][classHandle(r.class)] = true
		}
	}
	links, err := interfaces()
	if err != nil {
		return err
	}
	for _, link := range links {
		err = errors.Join(err, removeClasses(link, keep[Out]), removeRedirect(link, keep[In]))
	}
	return errors.Join(err, removeDevices(len(keep[In]) > 0))
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

func removeRedirect(link netlink.Link, keep map[uint32]bool) error {
	device, err := netlink.LinkByName(deviceOf(link))
	if errors.As(err, &netlink.LinkNotFoundError{}) {
		return nil
	} else if err != nil {
		return fmt.Errorf("looking for the IFB device of %s: %w", link.Attrs().Name, err)
	}
	if len(keep) > 0 {
		return removeClasses(device, keep)
	}
	ingress, err := ingressOf(link)
	if err != nil {
		return err
	}
	if ingress == nil || checkIngress(link) != nil {
		return nil // the device is removed with those whose interface has gone
	}
	if err := netlink.QdiscDel(ingress); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("removing the ingress qdisc of %s: %w", link.Attrs().Name, err)
	}
	return nil
}

// removeDevices removes IFB devices of ours: all of them, or only those whose interface has gone.
func removeDevices(used bool) error {
	all, err := netlink.LinkList()
	if err != nil {
		return fmt.Errorf("listing interfaces: %w", err)
	}
	wanted := map[string]bool{}
	for _, link := range all {
		wanted[deviceOf(link)] = used && !isLoopback(link) && !isDevice(link)
	}
	for _, link := range all {
		if isDevice(link) && link.Type() == "ifb" && !wanted[link.Attrs().Name] {
			if err := netlink.LinkDel(link); err != nil {
				return fmt.Errorf("removing the IFB device %s: %w", link.Attrs().Name, err)
			}
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
	classes   []uint32
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
	for _, c := range classes {
		l.classes = append(l.classes, c.Attrs().Handle)
	}
	return l, nil
}

// probeHTB is whether packets that leave can be limited. The kernel looks for a kind of qdisc first, and
// refuses HTB without options then, so that nothing is changed.
func probeHTB() error {
	request := nl.NewNetlinkRequest(unix.RTM_NEWQDISC, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	request.AddData(&nl.TcMsg{Family: nl.FAMILY_ALL, Ifindex: loopbackIndex, Parent: netlink.HANDLE_ROOT, Handle: rootHandle()})
	request.AddData(nl.NewRtAttr(nl.TCA_KIND, nl.ZeroTerminated("htb")))
	if _, err := request.Execute(unix.NETLINK_ROUTE, 0); err == nil {
		return errors.New("HTB: the kernel took one without options")
	} else if !errors.Is(err, unix.EINVAL) {
		return explained("HTB", err)
	}
	links, err := interfaces()
	for _, link := range links {
		_, foreign := rootOf(link)
		err = errors.Join(err, foreign)
	}
	return err
}

// probeRedirect is whether packets that come can be limited, which it tries on a device of its own.
func probeRedirect() (err error) {
	if err := probeHTB(); err != nil {
		return err
	}
	links, err := interfaces()
	for _, link := range links {
		err = errors.Join(err, checkIngress(link))
	}
	if err != nil {
		return err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = devicePrefix + "probe"
	probe := &netlink.Ifb{LinkAttrs: attrs}
	if err := netlink.LinkAdd(probe); err != nil {
		return explained("IFB devices", err)
	}
	defer func() { err = errors.Join(err, removeProbe(attrs.Name)) }()
	link, err := netlink.LinkByName(attrs.Name)
	if err != nil {
		return fmt.Errorf("looking for the IFB device %s: %w", attrs.Name, err)
	}
	device, err := redirect(link)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, netlink.LinkDel(device)) }()
	return tryEgress(attrs.Name)
}

func removeProbe(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("looking for the IFB device %s: %w", name, err)
	}
	return netlink.LinkDel(link)
}
