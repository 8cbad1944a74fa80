package podman

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/client"
	"github.com/redis/go-redis/v9/logging"

	"github.com/redis-chaos/redis-chaos/compose"
)

func TestMain(m *testing.M) {
	logging.Disable() // go-redis's pools log each failed dial, which is what conformance is about
	os.Exit(m.Run())
}

func TestWhereAServiceIsLookedFor(t *testing.T) {
	for _, test := range []struct {
		host, dir string
		want      []string
	}{
		{"unix:///tmp/p.sock", "/run/user/1000", []string{"unix:///tmp/p.sock"}},
		{"", "/run/user/1000", []string{"unix:///run/user/1000/podman/podman.sock", "unix:///run/podman/podman.sock"}},
		{"", "", []string{"unix:///run/podman/podman.sock"}},
	} {
		t.Setenv("CONTAINER_HOST", test.host)
		t.Setenv("XDG_RUNTIME_DIR", test.dir)
		var got []string
		for _, opts := range clients(t.Context()) {
			c, err := client.NewClientWithOpts(opts...)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, c.DaemonHost())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("CONTAINER_HOST %q, XDG_RUNTIME_DIR %q: %v, want %v", test.host, test.dir, got, test.want)
		}
	}
}

func TestNoService(t *testing.T) {
	for host, want := range map[string]string{
		"unix:///nonexistent/podman.sock": "enable --now podman.socket",
		"tcp://127.0.0.1:1":               "check CONTAINER_HOST",
		"ssh://user@host/podman.sock":     "check CONTAINER_HOST",
	} {
		t.Setenv("CONTAINER_HOST", host)
		_, err := Runtime().Open(t.Context())
		if _, unavailable := compose.IsUnavailable(err); !unavailable || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Podman") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if err := advise("unix://"+t.TempDir(), errors.New("refused")); !strings.Contains(err.Error(), "is it running? (systemctl") {
		t.Error(err)
	}
}

func TestLimitCPU(t *testing.T) {
	status, answer := http.StatusCreated, `c1`
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v4.0.0/libpod/containers/c1/update" || r.Method != http.MethodPost {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer service.Close()
	c, err := client.NewClientWithOpts(client.WithHost("tcp://" + strings.TrimPrefix(service.URL, "http://")))
	if err != nil {
		t.Fatal(err)
	}
	limit := func() error { return limitCPU(t.Context(), c, "c1", 100*time.Millisecond, 10*time.Millisecond) }
	if err := limit(); err != nil {
		t.Error(err)
	}
	status, answer = http.StatusInternalServerError, `{"message":"runc update failed"}`
	if err := limit(); err == nil || !strings.Contains(err.Error(), "500 Internal Server Error: runc update failed") {
		t.Error(err)
	}
}
