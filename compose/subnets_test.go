package compose

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, s := range texts {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}

func TestPickSubnets(t *testing.T) {
	preferred := [2]netip.Prefix(prefixes("172.30.1.0/24", "172.30.2.0/24"))
	for _, test := range []struct{ taken, want []netip.Prefix }{
		{nil, prefixes("172.30.1.0/24", "172.30.2.0/24")},
		{prefixes("172.17.0.0/16"), prefixes("172.30.1.0/24", "172.30.2.0/24")},
		{prefixes("172.30.2.0/25"), prefixes("172.30.3.0/24", "172.30.4.0/24")},
		{prefixes("172.30.0.0/22"), prefixes("172.30.5.0/24", "172.30.6.0/24")},
		{prefixes("172.16.0.0/12"), prefixes("10.230.1.0/24", "10.230.2.0/24")},
	} {
		got, err := pickSubnets(preferred, test.taken)
		if err != nil || !slices.Equal(got[:], test.want) {
			t.Errorf("taken %v: %v, %v; want %v", test.taken, got, err, test.want)
		}
	}
	if _, err := pickSubnets(preferred, prefixes("172.16.0.0/12", "10.0.0.0/8")); err == nil || !strings.Contains(err.Error(), "docker network ls") {
		t.Errorf("everything is taken: %v", err)
	}
}

// Runs that deploy at the same time get different subnets, although nothing of
// either can be seen yet.
func TestReservedSubnetsAreTaken(t *testing.T) {
	nothing := func() ([]netip.Prefix, error) { return nil, nil }
	// Of this process's own.
	third := os.Getpid() % 127 * 2
	preferred := [2]netip.Prefix(prefixes(fmt.Sprintf("10.99.%d.0/24", third), fmt.Sprintf("10.99.%d.0/24", third+1)))
	first, releaseFirst, err := ReserveSubnets(fmt.Sprintf("test-%d-reserve-1", os.Getpid()), preferred, nothing)
	if err != nil || first != preferred {
		t.Fatalf("%v, %v", first, err)
	}
	second, releaseSecond, err := ReserveSubnets(fmt.Sprintf("test-%d-reserve-2", os.Getpid()), preferred, nothing)
	if err != nil || second == first {
		t.Errorf("%v, %v", second, err)
	}
	releaseFirst()
	releaseSecond()
	again, release, err := ReserveSubnets("test-"+strconv.Itoa(os.Getpid())+"-"+"reserve-3", preferred, nothing)
	if err != nil || again != preferred {
		t.Errorf("%v, %v", again, err)
	}
	release()
}
