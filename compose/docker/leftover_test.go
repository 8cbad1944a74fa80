package docker

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/fakeengine"
)

// fake connects to a fake engine.
func fake(t *testing.T) (*fakeengine.Engine, *Engine) {
	t.Helper()
	t.Parallel()
	f := fakeengine.Start(t)
	c, err := client.NewClientWithOpts(client.WithHost(f.Host), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return f, &Engine{Client: c, product: Docker()}
}

// left is what an error says was left.
func left(t *testing.T, err error) []Leftover {
	t.Helper()
	var left *LeftError
	if !errors.As(err, &left) {
		t.Fatalf("%v is no LeftError", err)
	}
	return left.Parts
}

// quiet fails the test if a sweep removes or tells anything.
func quiet(t *testing.T, e *Engine) {
	t.Helper()
	if swept, err := e.RemoveStale(t.Context()); err != nil || len(swept.Left)+len(swept.Removed) > 0 {
		t.Errorf("a sweep tells %+v, %v", swept, err)
	}
}

// What the engine will not remove of a run that was killed is told once, and is in
// nobody's way. Only its own removal fails, until the engine lets go of it.
func TestWhatAKilledRunHasLeftHarmsNobody(t *testing.T) {
	f, e := fake(t)
	killed := registered(t, e, "test-killed")
	f.Add(fakeengine.Networks, "net", killed.Labels(), true)
	f.Add(fakeengine.Networks, "other-net", killed.Labels(), false)
	f.Add(fakeengine.Volumes, "data", killed.Labels(), false)
	killed.entry.Release() // as its end would

	swept, err := e.RemoveStale(t.Context())
	if err != nil || len(swept.Removed) > 0 || len(swept.Left) != 1 {
		t.Fatalf("swept %+v, %v", swept, err)
	}
	const told = "the engine will not remove the network net of run test-killed (net has active endpoints): " +
		"nothing is on it, and the engine has miscounted; restarting the engine corrects its count, then `chaos down test-killed` removes it"
	if got := swept.Left[0].Error(); got != told {
		t.Errorf("%s\nwant %s", got, told)
	}
	if names := f.Names(); !slices.Equal(names, []string{"networks/net"}) {
		t.Errorf("left: %v", names)
	}
	quiet(t, e)

	another := registered(t, e, "test-another")
	f.Add(fakeengine.Networks, "another", another.Labels(), false)
	if err := another.Remove(t.Context()); err != nil {
		t.Errorf("another run: %v", err)
	}
	if err := e.Remove(t.Context(), "test-yet-another"); err != nil {
		t.Errorf("the removal of another run: %v", err)
	}
	for range 2 {
		if got := left(t, e.Remove(t.Context(), "test-killed")); len(got) != 1 || got[0].Name != "net" {
			t.Errorf("its own removal: %+v", got)
		}
	}
	quiet(t, e)

	f.Restart()
	if err := e.Remove(t.Context(), "test-killed"); err != nil || len(f.Names()) > 0 {
		t.Errorf("once the engine lets go: %v, %v", err, f.Names())
	}
	if still, err := e.remembered(t.Context(), ""); err != nil || len(still) > 0 {
		t.Errorf("remembered: %+v, %v", still, err)
	}
}

// A run that cannot remove all of its own is over: nobody has to tell it again, and
// the next sweep after the engine lets go removes the rest.
func TestWhatARunCannotRemoveIsRemembered(t *testing.T) {
	f, e := fake(t)
	run := registered(t, e, "test-own")
	f.Add(fakeengine.Networks, "net", run.Labels(), true)
	if got := left(t, run.Remove(t.Context())); len(got) != 1 || got[0].RunID != "test-own" {
		t.Errorf("%+v", got)
	}
	quiet(t, e)
	if again := registered(t, e, "test-own"); again != nil { // its id is free
		if err := again.Remove(t.Context()); err != nil {
			t.Errorf("a second run of its id: %v", err)
		}
	}
	f.Restart()
	if removed := sweep(t, e); !slices.Equal(removed, []string{"test-own"}) {
		t.Errorf("removed %v", removed)
	}
	quiet(t, e)
	if len(f.Names()) > 0 {
		t.Errorf("left: %v", f.Names())
	}
}

// The networks that `chaos up` makes have the same names each time. Where one of them
// is left, the next ones are called otherwise, on other subnets, and go without it.
func TestLeftNetworksAreNotInTheWayOfTheSameNames(t *testing.T) {
	f, e := fake(t)
	d := DefaultDeployment(3, 0)
	d.RunID = "test-up"
	first, err := e.Register(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	f.AddNetwork("redis_client_net", d.ClientNet.String(), first.Labels(), true)
	if first.networkTag != "" {
		t.Errorf("tag %q", first.networkTag)
	}
	left(t, first.Remove(t.Context()))

	second, err := e.Register(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if d.NetworkTag = second.networkTag; d.NetworkTag != "2-" {
		t.Errorf("tag %q", d.NetworkTag)
	}
	if file, err := d.ComposeFile(); err != nil || !strings.Contains(string(file), `name: "2-redis_client_net"`) {
		t.Errorf("the compose file has the old names: %v", err)
	}
	subnets, release, err := compose.ReserveSubnets(d.RunID, [2]netip.Prefix{d.ClientNet, d.ClusterNet}, func() ([]netip.Prefix, error) { return e.subnets(t.Context()) })
	if err != nil || subnets[0].Overlaps(d.ClientNet) {
		t.Errorf("subnets %v, %v", subnets, err)
	}
	release()
	if err := second.Keep(); err != nil {
		t.Fatal(err)
	}
	f.Add(fakeengine.Networks, "2-redis_client_net", second.Labels(), false)
	if err := e.Remove(t.Context(), d.RunID); err != nil || !slices.Equal(f.Names(), []string{"networks/redis_client_net"}) {
		t.Errorf("removed: %v; there is %v", err, f.Names())
	}
	left(t, e.Remove(t.Context(), d.RunID)) // by now, it is all there is of that id
}

// A volume goes by its name, which is another run's by now.
func TestVolumesOfAnotherOwnerAreLeftAlone(t *testing.T) {
	f, e := fake(t)
	run := registered(t, e, "test-volume")
	f.Add(fakeengine.Volumes, "redis_data", run.Labels(), true)
	left(t, run.Remove(t.Context()))
	f.Restart()
	f.Add(fakeengine.Volumes, "redis_data", map[string]string{RunLabel: "test-volume", OwnerLabel: "somebody"}, false)
	quiet(t, e)
	if !slices.Equal(f.Names(), []string{"volumes/redis_data"}) {
		t.Errorf("there is %v", f.Names())
	}
}

// A container that will not go keeps what it is on, and nothing else.
func TestAStuckContainerIsToldWithItsRemedy(t *testing.T) {
	f, e := fake(t)
	run := registered(t, e, "test-container")
	f.Add(fakeengine.Containers, "redis-master-1", run.Labels(), true)
	f.Add(fakeengine.Containers, "redis-master-2", run.Labels(), false)
	f.Add(fakeengine.Volumes, "data-2", run.Labels(), false)
	err := run.Remove(t.Context())
	if got := left(t, err); len(got) != 1 || got[0].Name != "redis-master-1" || !strings.Contains(err.Error(), "docker rm -f redis-master-1") {
		t.Errorf("%v", err)
	}
	if !slices.Equal(f.Names(), []string{"containers/redis-master-1"}) {
		t.Errorf("there is %v", f.Names())
	}
	f.Restart()
	if removed := sweep(t, e); !slices.Equal(removed, []string{"test-container"}) {
		t.Errorf("removed %v", removed)
	}
}
