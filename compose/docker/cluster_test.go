package docker

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose"
)

// A container that the engine took off a network without removing its endpoint is put
// back; one that is on the network is left alone.
func TestConnectAfterACutThatFailedHalfWay(t *testing.T) {
	for name, test := range map[string]struct {
		endpoint, on bool // there is an endpoint; the container is on it
		want         []string
	}{
		"off":         {false, false, []string{"connect"}},
		"on":          {true, true, []string{"connect", "inspect"}},
		"off by half": {true, false, []string{"connect", "inspect", "disconnect by force", "connect"}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			endpoint := test.endpoint
			mux := http.NewServeMux()
			mux.HandleFunc("POST /networks/net/connect", func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, "connect")
				if endpoint {
					w.WriteHeader(http.StatusForbidden)
					_, _ = io.WriteString(w, `{"message": "endpoint with name n already exists in network net"}`)
				}
			})
			mux.HandleFunc("GET /networks/net", func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, "inspect")
				seen := network.Inspect{ID: "net", Containers: map[string]network.EndpointResource{}}
				if test.on {
					seen.Containers["container"] = network.EndpointResource{Name: "n"}
				} else if endpoint {
					seen.Containers["ep-1"] = network.EndpointResource{Name: "n"}
				}
				_ = json.NewEncoder(w).Encode(seen)
			})
			mux.HandleFunc("POST /networks/net/disconnect", func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, "disconnect")
				var options network.DisconnectOptions
				if json.NewDecoder(r.Body).Decode(&options) == nil && options.Force {
					asked[len(asked)-1] += " by force"
					endpoint = false
				}
			})
			version := regexp.MustCompile(`^/v1\.\d+/`)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.URL.Path = version.ReplaceAllString(r.URL.Path, "/")
				mux.ServeHTTP(w, r)
			}))
			defer server.Close()
			c, err := client.NewClientWithOpts(client.WithHost(strings.Replace(server.URL, "http://", "tcp://", 1)), client.WithVersion("1.41"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			d := &Cluster{
				engine: &Engine{Client: c, product: Docker()}, nodes: []compose.Node{{Name: "n", Addr: "172.30.2.11:6379", Announced: "172.30.2.11:6379"}},
				containers: map[string]string{"n": "container"}, networks: map[compose.Network]string{compose.ClusterNetwork: "net"},
			}
			if err := d.Connect(t.Context(), "n", compose.ClusterNetwork); err != nil {
				t.Error(err)
			}
			if !slices.Equal(asked, test.want) {
				t.Errorf("the engine was asked to %v, want %v", asked, test.want)
			}
		})
	}
}
