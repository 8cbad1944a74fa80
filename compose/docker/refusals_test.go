package docker

import (
	"errors"
	"testing"
)

// Errors as Docker 20.10 and Podman 4.3 word them.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name    string
		is      func(error) bool
		refused []string
	}{
		{"collision", isCollision, []string{
			"driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:6379 failed: port is already allocated",
			"Pool overlaps with other one on this address space",
			"cannot listen on the TCP port: listen tcp4 127.0.0.1:6379: bind: address already in use",
			"subnet 172.30.1.0/24 is already used on the host or by another config",
		}},
		{"on the network", isOnNetwork, []string{
			"endpoint with name redis-master-1 already exists in network redis_client_net",
			`container 12a5 is already connected to network "redis_client_net": network is already connected`,
		}},
		{"off the network", isOffNetwork, []string{
			"container 12a5 is not connected to the network redis_client_net",
			"container redis-master-1 is not connected to network redis_client_net",
		}},
		{"not paused", isNotPaused, []string{
			"Container 12a5 is not paused",
			`"12a5" is not paused, can't unpause: container state improper`,
		}},
		{"not running", isNotRunning, []string{"can only kill running containers. 12a5 is in state exited: container state improper"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, text := range test.refused {
				if !test.is(errors.New(text)) {
					t.Errorf("not recognized: %s", text)
				}
			}
			if test.is(nil) || test.is(errors.New("no such container: 12a5")) {
				t.Error("something else counts as that, too")
			}
		})
	}
}
