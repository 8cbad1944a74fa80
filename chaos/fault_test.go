package chaos

import (
	"context"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// fake is a fault that does nothing.
type fake struct{ Selector }

func (fake) Inject(context.Context, Cluster, string) error { return nil }
func (fake) Heal(context.Context, Cluster, string) error   { return nil }

// demanding is one that needs something of the runtime.
type demanding struct {
	fake
	needs compose.Ability
}

func (d demanding) Needs() []compose.Ability { return []compose.Ability{d.needs} }

func TestAbilitiesAreCheckedBeforeAnythingStarts(t *testing.T) {
	s := &scenarios.Scenario{Faults: []scenarios.Fault{{Kind: "kill", Spec: fake{}}, {Kind: "disconnect", Spec: demanding{needs: compose.Networking}}}}
	if err := CheckAbilities(s, func(compose.Ability) string { return "" }); err != nil {
		t.Error(err)
	}
	refuse := func(compose.Ability) string { return "run it as root" }
	err := CheckAbilities(s, refuse)
	if err == nil || err.Error() != "faults[1]: disconnect needs a runtime that can take nodes off a network: run it as root" {
		t.Errorf("%v", err)
	}
	for want, cluster := range map[string]scenarios.Cluster{
		"cluster.announce: hostname needs a runtime that can give nodes names": {Announce: scenarios.AnnounceHostname},
		"cluster.dns needs a runtime that can give nodes names":                {Announce: scenarios.AnnounceAddress, DNS: []string{"192.0.2.1"}},
	} {
		if err := CheckAbilities(&scenarios.Scenario{Cluster: cluster}, refuse); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// What a fault needs of the runtime is known before that deploys anything.
func TestNeeds(t *testing.T) {
	s := &scenarios.Scenario{Faults: []scenarios.Fault{{Kind: "kill", Spec: fake{}}}}
	if Needs(s, compose.Debugging) {
		t.Error("a kill needs DEBUG")
	}
	s.Faults = append(s.Faults, scenarios.Fault{Kind: "block", Spec: demanding{needs: compose.Debugging}})
	if !Needs(s, compose.Debugging) || Needs(s, compose.Networking) {
		t.Errorf("a block needs DEBUG: %v, networks: %v", Needs(s, compose.Debugging), Needs(s, compose.Networking))
	}
}
