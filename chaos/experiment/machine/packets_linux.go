package machine

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/doctor"
	"github.com/redis-chaos/redis-chaos/compose/local/netns"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// lookAtPackets has the kernel try what changes packets, in a network namespace that nobody else sees.
func lookAtPackets(ctx context.Context) (all []doctor.Finding) {
	var can traffic.Capabilities
	err := netns.Try(func() error {
		t, err := traffic.Open("")
		if err != nil {
			return err
		}
		defer t.Close()
		can, err = t.Capabilities(ctx)
		return err
	})
	if err != nil {
		return []doctor.Finding{lacking("packets", "this machine", fmt.Sprintf("no network namespace can be made to try it in: %v", err), "run as root on Linux; with Docker, a helper container does it")}
	}
	by := map[traffic.Mechanism][]string{}
	var order []traffic.Mechanism
	for _, c := range can {
		what := strings.TrimSpace(fmt.Sprintf("%s %s", c.Kind, c.Direction))
		switch {
		case c.Mechanism == "":
			all = append(all, lacking("packets", what, c.Why, "load the kernel's module (modprobe), or use a kernel that has it"))
			continue
		case by[c.Mechanism] == nil:
			order = append(order, c.Mechanism)
		}
		by[c.Mechanism] = append(by[c.Mechanism], what)
	}
	for _, m := range order {
		all = append(all, ok("packets", string(m), strings.Join(by[m], ", ")))
	}
	return all
}
