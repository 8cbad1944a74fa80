package docker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/client"
)

// An engine that forgets the limit of a container that ends is told it again at its next start.
func TestForgottenLimit(t *testing.T) {
	running := true
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/start") {
			running = true
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Id": "c1", "State": map[string]any{"Running": running}})
	}))
	t.Cleanup(engine.Close)
	c, err := client.NewClientWithOpts(client.WithHost("tcp://"+strings.TrimPrefix(engine.URL, "http://")), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	var quotas []time.Duration
	forgetful := Product{LimitCPU: func(_ context.Context, _ *client.Client, container string, period, quota time.Duration) error {
		if container != "c1" || period != 100*time.Millisecond {
			t.Errorf("%s gets %s of %s", container, quota, period)
		}
		quotas = append(quotas, quota)
		return nil
	}}
	d := &Cluster{engine: &Engine{Client: c, product: forgetful}, containers: map[string]string{"n": "c1"}}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(d.LimitCPU(t.Context(), "n", 0.1))
	running = false
	do(d.Start(t.Context(), "n"))
	do(d.LimitCPU(t.Context(), "n", 0))
	do(d.Start(t.Context(), "n")) // it has none any more
	running = false
	do(d.LimitCPU(t.Context(), "n", 0.2)) // not yet
	if want := []time.Duration{10 * time.Millisecond, 10 * time.Millisecond, -time.Microsecond}; !slices.Equal(quotas, want) {
		t.Errorf("limited to %v, want %v", quotas, want)
	}
	do(d.Start(t.Context(), "n"))
	if last := quotas[len(quotas)-1]; last != 20*time.Millisecond {
		t.Errorf("started with a limit of %s, want 20ms", last)
	}
}
