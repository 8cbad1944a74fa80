package docker

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/redis-chaos/redis-chaos/compose"
)

// eventActions are what the engine's events say.
func eventActions() map[events.Action]compose.Action {
	return map[events.Action]compose.Action{
		events.ActionDie: compose.Died, events.ActionStart: compose.Started, events.ActionPause: compose.Paused, events.ActionUnPause: compose.Unpaused,
		events.ActionKill: compose.Signalled, events.ActionOOM: compose.OutOfMemory, events.ActionDestroy: compose.Removed, events.ActionRemove: compose.Removed,
		events.ActionDisconnect: compose.Disconnected, events.ActionConnect: compose.Connected,
		events.ActionHealthStatusHealthy: compose.Healthy, events.ActionHealthStatusUnhealthy: compose.Unhealthy,
	}
}

// watcher makes happenings of the engine's events.
type watcher struct {
	cluster  *Cluster
	actions  map[events.Action]compose.Action
	nodes    map[string][]string          // by container
	networks map[string][]compose.Network // by network
	// on is where nodes were when they were last looked at; nil if the engine's events say it.
	on map[string]places
}

// places are the networks that a node is on.
type places map[compose.Network]bool

// Watch implements compose.Cluster: the engine's events, at the engine's timestamps.
func (d *Cluster) Watch(ctx context.Context) (<-chan compose.Happening, error) {
	w := &watcher{cluster: d, actions: eventActions(), nodes: map[string][]string{}, networks: map[string][]compose.Network{}}
	for name, id := range d.containers {
		w.nodes[id] = append(w.nodes[id], name)
	}
	for n, id := range d.networks {
		w.networks[id] = append(w.networks[id], n)
	}
	if d.engine.product.NamelessNetworks {
		if err := w.lookAtAll(ctx); err != nil {
			return nil, err
		}
	}
	args := filters.NewArgs(filters.Arg("type", "container"), filters.Arg("type", "network"))
	messages, errs := d.engine.Events(ctx, events.ListOptions{Filters: args})
	select {
	case err := <-errs:
		return nil, fmt.Errorf("watching the engine's events: %w", err)
	default:
	}
	out := make(chan compose.Happening, 64)
	tell := func(h compose.Happening) {
		select {
		case out <- h:
		case <-ctx.Done():
		}
	}
	var watching sync.WaitGroup
	ctx, stop := context.WithCancel(ctx)
	for _, s := range d.watched() {
		watching.Go(func() { s.Watch(ctx, tell) })
	}
	go func() {
		defer close(out)
		defer watching.Wait()
		defer stop()
		for {
			select {
			case m := <-messages:
				for _, h := range w.happenings(ctx, m) {
					tell(h)
				}
			case h := <-d.signalled:
				tell(h)
			case <-errs:
				return
			}
		}
	}()
	return out, nil
}

// happenings are those that an event tells of; none if it is not of the cluster.
func (w *watcher) happenings(ctx context.Context, m events.Message) (all []compose.Happening) {
	action, known := w.actions[m.Action] // that a health check begins is an event, too
	if !known {
		return nil
	}
	h := compose.Happening{Action: action, Time: time.Unix(0, m.TimeNano), Exit: m.Actor.Attributes["exitCode"]}
	if m.Type == events.NetworkEventType && w.on == nil {
		for _, h.Node = range w.nodes[m.Actor.Attributes["container"]] {
			for _, h.Network = range w.networks[m.Actor.ID] {
				all = append(all, h)
			}
		}
		return all
	}
	for _, h.Node = range w.nodes[m.Actor.ID] {
		switch {
		case m.Type == events.NetworkEventType:
			all = append(all, w.moved(ctx, h)...)
		case w.cluster.siteOf(h.Node) != nil && (action == compose.Died || action == compose.Started) && w.cluster.engine.isBeside():
			// What becomes of its server is seen in its process.
		default:
			all = append(all, h)
		}
	}
	return all
}

// lookAtAll finds out which networks the nodes are on.
func (w *watcher) lookAtAll(ctx context.Context) error {
	w.on = map[string]places{}
	for name := range w.cluster.containers {
		var err error
		if w.on[name], err = w.look(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) look(ctx context.Context, node string) (places, error) {
	info, err := w.cluster.engine.ContainerInspect(ctx, w.cluster.containers[node])
	if err != nil {
		return nil, fmt.Errorf("looking which networks %s is on: %w", node, err)
	}
	return placesOf(info.NetworkSettings), nil
}

func placesOf(s *container.NetworkSettings) places {
	on := places{}
	if s != nil {
		for name := range s.Networks {
			on[networkOf(name)] = true
		}
	}
	return on
}

// moved tells which network a node was taken off, or put on, by looking which it is on now. That
// it is on the same ones as before tells of a move that was undone since, or is told already.
func (w *watcher) moved(ctx context.Context, h compose.Happening) (moves []compose.Happening) {
	now, err := w.look(ctx, h.Node)
	if err != nil {
		return nil // it is gone, which is an event of its own
	}
	before := w.on[h.Node]
	for _, n := range []compose.Network{compose.ClientNetwork, compose.ClusterNetwork} {
		if now[n] != before[n] && now[n] == (h.Action == compose.Connected) {
			h.Network = n
			moves = append(moves, h)
			before[n] = now[n]
		}
	}
	return moves
}

// clockSamples is how often the engine is asked for its time: the quickest
// answer is the most exact one.
const clockSamples = 8

// clockTime is after how long of that no other sample is begun: some engines take their time.
const clockTime = time.Second

// ClockOffset implements compose.Cluster.
func (d *Cluster) ClockOffset(ctx context.Context) (offset, within time.Duration, err error) {
	return quickest(clockSamples, time.Now, func() (time.Time, error) {
		info, err := d.engine.Info(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("asking the engine for its time: %w", err)
		}
		at, err := time.Parse(time.RFC3339Nano, info.SystemTime)
		if err != nil {
			return time.Time{}, fmt.Errorf("the engine's time is %q: %w", info.SystemTime, err)
		}
		return at, nil
	})
}

// quickest asks for another clock's time a few times, and compares the answer
// that took the least time with this one's. It stops early after clockTime. The other clock was read at some
// moment of that time, so the offset is right to half of it.
func quickest(samples int, now func() time.Time, ask func() (time.Time, error)) (offset, within time.Duration, err error) {
	began := now()
	for i := range samples {
		asked := now()
		if i > 0 && asked.Sub(began) > clockTime {
			break
		}
		at, err := ask()
		if err != nil {
			return 0, 0, err
		}
		took := now().Sub(asked)
		if half := took / 2; i == 0 || half < within {
			// The wall time, not the monotonic reading, is what the other clock shows.
			offset, within = at.Sub(asked.Round(0).Add(half)), half
		}
	}
	return offset, within, nil
}
