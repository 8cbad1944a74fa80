package conformance

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// network is a happening on a network.
func network(a compose.Action, n compose.Network) compose.Happening {
	return compose.Happening{Action: a, Network: n}
}

func testOffCluster(t *testing.T, s *subject) {
	const name, peer = "redis-master-1", "redis-master-2"
	s.expect(name, func() {
		s.must(s.Disconnect(t.Context(), name, compose.ClusterNetwork))
	}, network(compose.Disconnected, compose.ClusterNetwork))
	s.looks(name, compose.Condition{Running: true, Off: []compose.Network{compose.ClusterNetwork}})
	s.eventually("its peers miss it", func() error { return s.missed(peer, name) })
	s.eventually("it misses its peers", func() error { return s.missed(name, peer) })
	s.eventually("clients reach it", func() error { return s.answers(name) })
	s.expect(name, func() {
		s.must(s.Connect(t.Context(), name, compose.ClusterNetwork))
		s.must(s.Connect(t.Context(), name, compose.ClusterNetwork)) // one that is on it is left alone
	}, network(compose.Connected, compose.ClusterNetwork))
	s.looks(name, compose.Condition{Running: true})
	s.awaitWhole()
	s.sameAddress(name)
}

func testStaysOn(t *testing.T, s *subject) {
	for _, n := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		if s.Disconnect(t.Context(), "redis-master-1", n) == nil || s.Connect(t.Context(), "redis-master-1", n) == nil {
			t.Errorf("the %s network: no error", n)
		}
	}
	s.awaitAnswer("redis-master-1")
}

func testOffClient(t *testing.T, s *subject) {
	const name, peer = "redis-master-2", "redis-master-1"
	s.expect(name, func() {
		s.must(s.Disconnect(t.Context(), name, compose.ClientNetwork))
	}, network(compose.Disconnected, compose.ClientNetwork))
	s.mustBeSilent(name)
	const longerThanNodeTimeout = 3 * time.Second
	time.Sleep(longerThanNodeTimeout)
	// On a busy machine it may have been missed for a moment.
	s.eventually("its peer sees it well", func() error {
		flag, err := s.flag(peer, name)
		if err == nil && flag != "ok" {
			err = fmt.Errorf("it is seen as %q", flag)
		}
		return err
	})
	s.mustBeSilent(name)
	s.expect(name, func() {
		s.must(s.Connect(t.Context(), name, compose.ClientNetwork))
	}, network(compose.Connected, compose.ClientNetwork))
	s.awaitAnswer(name)
	s.awaitWhole()
	s.sameAddress(name)
}

func testOffBoth(t *testing.T, s *subject) {
	const name, peer = "redis-replica-1", "redis-master-1"
	both := []compose.Network{compose.ClusterNetwork, compose.ClientNetwork}
	for _, n := range both {
		s.must(s.Disconnect(t.Context(), name, n))
	}
	s.expect(name, func() { s.must(s.Signal(t.Context(), name, "SIGKILL")) }, exited("137"))
	s.must(s.Start(t.Context(), name))
	s.mustBeSilent(name)
	s.eventually("its peers miss it", func() error { return s.missed(peer, name) })
	for _, n := range both {
		s.must(s.Connect(t.Context(), name, n))
	}
	s.awaitAnswer(name)
	s.awaitWhole()
	s.sameAddress(name)
}

// missed is an error unless one node sees another as failing.
func (s *subject) missed(by, of string) error {
	flag, err := s.flag(by, of)
	if err == nil && flag != "pfail" && flag != "fail" {
		err = fmt.Errorf("%s sees %s as %q", by, of, flag)
	}
	return err
}

// sameAddress fails if the others see a node elsewhere than where it was.
func (s *subject) sameAddress(name string) {
	s.t.Helper()
	for _, n := range s.Nodes() {
		v, err := s.view(n.Name)
		s.must(err)
		for _, other := range v.Nodes {
			if other.ID == s.node(name).ID && other.Addr != s.node(name).Addr {
				s.t.Errorf("%s sees %s at %s, and it was at %s", n.Name, name, other.Addr, s.node(name).Addr)
			}
		}
	}
}
