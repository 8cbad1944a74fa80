package netns

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/local/thread"
)

// A namespace is made with its settings, seen by its name from inside and outside, and removed.
func TestNamespace(t *testing.T) {
	if err := Try(func() error { return nil }); err != nil {
		t.Skipf("needs network namespaces: %v", err)
	}
	name := fmt.Sprintf("test-%d-netns", os.Getpid())
	if Exists(name) {
		t.Fatalf("%s is there already", name)
	}
	ns, err := Make(name, map[string]string{"ipv4/ip_forward": "1", "no/such/setting": "1"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(ns.Close(), Remove(name), Remove(name)); err != nil { // again is fine
			t.Error(err)
		}
		if Exists(name) {
			t.Error("it is still there")
		}
	}()
	if !Exists(name) {
		t.Error("it is not found by its name")
	}

	links, err := ns.Netlink()
	if err != nil {
		t.Fatal(err)
	}
	defer links.Close()
	if all, err := links.LinkList(); err != nil || len(all) == 0 {
		t.Errorf("links by netlink: %v, %v", all, err)
	}
	err = thread.Run(func() error {
		if err := Enter(name); err != nil {
			return err
		}
		forwards, err := os.ReadFile("/proc/sys/net/ipv4/ip_forward")
		if err != nil {
			return err
		}
		if string(forwards) != "1\n" {
			t.Errorf("ip_forward is %q inside", forwards)
		}
		interfaces, err := net.Interfaces()
		if err == nil && (len(interfaces) == 0 || interfaces[0].Flags&net.FlagUp != 0) {
			t.Errorf("interfaces inside: %v; want a loopback that is down", interfaces)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := thread.Run(func() error { return Enter(name + "-not") }); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("entering what there is not: %v", err)
	}
}
