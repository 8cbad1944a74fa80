package docker

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose"
)

// Where the events of networks name the container alone, the networks that it is on tell the rest.
func TestNamelessNetworks(t *testing.T) {
	var networks []string // that the container is on
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		on := map[string]any{}
		for _, name := range networks {
			on[name] = map[string]any{}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Id": "c1", "NetworkSettings": map[string]any{"Networks": on}})
	}))
	t.Cleanup(engine.Close)
	c, err := client.NewClientWithOpts(client.WithHost("tcp://"+strings.TrimPrefix(engine.URL, "http://")), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	d := &Cluster{engine: &Engine{Client: c}, containers: map[string]string{"redis-master-1": "c1"}}
	w := &watcher{cluster: d, actions: eventActions(), nodes: map[string][]string{"c1": {"redis-master-1"}}}

	const clients, cluster = "run-redis_client_net", "run-redis_cluster_net"
	networks = []string{clients, cluster}
	if err := w.lookAtAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	moment := time.Unix(0, 5)
	for _, step := range []struct {
		action events.Action
		of     string
		on     []string
		want   []compose.Happening
	}{
		{events.ActionDisconnect, "c1", []string{clients}, []compose.Happening{{Node: "redis-master-1", Action: compose.Disconnected, Network: compose.ClusterNetwork, Time: moment}}},
		{events.ActionConnect, "another", []string{clients}, nil},
		{events.ActionDisconnect, "c1", nil, []compose.Happening{{Node: "redis-master-1", Action: compose.Disconnected, Network: compose.ClientNetwork, Time: moment}}},
		// Both are back by the time of the look, which the first event is told by.
		{events.ActionConnect, "c1", []string{clients, cluster}, []compose.Happening{
			{Node: "redis-master-1", Action: compose.Connected, Network: compose.ClientNetwork, Time: moment},
			{Node: "redis-master-1", Action: compose.Connected, Network: compose.ClusterNetwork, Time: moment},
		}},
		{events.ActionConnect, "c1", []string{clients, cluster}, nil},
	} {
		networks = step.on
		got := w.happenings(t.Context(), events.Message{Type: events.NetworkEventType, Action: step.action, Actor: events.Actor{ID: step.of}, TimeNano: 5})
		if !slices.Equal(got, step.want) {
			t.Errorf("%s of %s, now on %v: %v, want %v", step.action, step.of, step.on, got, step.want)
		}
	}
}
