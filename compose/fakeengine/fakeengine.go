// Package fakeengine is a Docker engine that holds names and labels alone, for tests
// of what a real one does only now and then, such as not removing an empty network.
package fakeengine

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// The kinds of things that it holds, as they stand in the paths of the engine's API.
const (
	Containers = "containers"
	Networks   = "networks"
	Volumes    = "volumes"
)

// Engine is the engine.
type Engine struct {
	// Host is its DOCKER_HOST.
	Host string

	id string

	mu      sync.Mutex
	things  map[string]*thing // by kind/id
	refuses bool
}

type thing struct {
	kind, id, name string
	labels         map[string]string
	subnet         string
	running        bool // a container
	// stuck: it is not removed until the engine is restarted.
	stuck bool
}

// Start starts an engine for the time of a test. No other test has one of the same id.
func Start(t *testing.T) *Engine {
	t.Helper()
	e := &Engine{id: "FAKE-" + rand.Text(), things: map[string]*thing{}, refuses: true}
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("API-Version", "1.41")
	})
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]string{"Version": "20.10.24", "ApiVersion": "1.41"})
	})
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, r *http.Request) { answer(w, map[string]string{"ID": e.id}) })
	mux.HandleFunc("GET /containers/json", func(w http.ResponseWriter, r *http.Request) { answer(w, e.containers(r)) })
	mux.HandleFunc("GET /networks", func(w http.ResponseWriter, r *http.Request) { answer(w, e.networks(r)) })
	mux.HandleFunc("GET /networks/{id}", func(w http.ResponseWriter, r *http.Request) {
		e.inspect(w, Networks, r.PathValue("id"), func(t *thing) any { return t.network() })
	})
	mux.HandleFunc("GET /volumes", func(w http.ResponseWriter, r *http.Request) { answer(w, e.volumes(r)) })
	mux.HandleFunc("GET /volumes/{id}", func(w http.ResponseWriter, r *http.Request) {
		e.inspect(w, Volumes, r.PathValue("id"), func(t *thing) any { return t.volume() })
	})
	mux.HandleFunc("DELETE /{kind}/{id}", func(w http.ResponseWriter, r *http.Request) {
		e.remove(w, r.PathValue("kind"), r.PathValue("id"))
	})
	version := regexp.MustCompile(`^/v1\.\d+/`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = version.ReplaceAllString(r.URL.Path, "/")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		e.forget(t)
	})
	e.Host = strings.Replace(server.URL, "http://", "tcp://", 1)
	return e
}

// forget removes what the journals of runs hold of the engine.
func (e *Engine) forget(t *testing.T) {
	folder, err := journal.Folder()
	if err != nil {
		t.Error(err)
		return
	}
	places, err := filepath.Glob(filepath.Join(folder, "docker-"+e.id+"*"))
	if err != nil {
		t.Error(err)
	}
	for _, place := range places {
		if err := os.RemoveAll(place); err != nil {
			t.Error(err)
		}
	}
}

// Add adds a container, a network or a volume. One that is stuck is refused to
// whoever would remove it.
func (e *Engine) Add(kind, name string, labels map[string]string, stuck bool) {
	e.add(&thing{kind: kind, name: name, labels: labels, stuck: stuck})
}

// AddRunning adds a container that runs.
func (e *Engine) AddRunning(name string, labels map[string]string) {
	e.add(&thing{kind: Containers, name: name, labels: labels, running: true})
}

// AddNetwork adds a network with a subnet.
func (e *Engine) AddNetwork(name, subnet string, labels map[string]string, stuck bool) {
	e.add(&thing{kind: Networks, name: name, labels: labels, subnet: subnet, stuck: stuck})
}

func (e *Engine) add(t *thing) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t.id = fmt.Sprintf("id-%d-of-%s", len(e.things), t.name)
	if t.kind == Volumes {
		t.id = t.name
	}
	e.things[t.kind+"/"+t.id] = t
}

// Restart restarts the engine: nothing is stuck any more.
func (e *Engine) Restart() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuses = false
}

// Names lists what it holds: "networks/net-1".
func (e *Engine) Names() (names []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.things {
		names = append(names, t.kind+"/"+t.name)
	}
	return names
}

// matching lists the things of a kind that a request's filters let through.
func (e *Engine) matching(r *http.Request, kind string) (matching []*thing) {
	args, err := filters.FromJSON(r.URL.Query().Get("filters"))
	if err != nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.things {
		if t.kind == kind && args.MatchKVList("label", t.labels) {
			matching = append(matching, t)
		}
	}
	return matching
}

func (e *Engine) containers(r *http.Request) []container.Summary {
	list := []container.Summary{}
	for _, t := range e.matching(r, Containers) {
		state := container.StateExited
		if t.running {
			state = container.StateRunning
		}
		list = append(list, container.Summary{ID: t.id, Names: []string{"/" + t.name}, Labels: t.labels, State: state})
	}
	return list
}

func (e *Engine) networks(r *http.Request) []network.Inspect {
	list := []network.Inspect{}
	for _, t := range e.matching(r, Networks) {
		list = append(list, t.network())
	}
	return list
}

func (t *thing) network() network.Inspect {
	n := network.Inspect{ID: t.id, Name: t.name, Labels: t.labels}
	if t.subnet != "" {
		n.IPAM.Config = []network.IPAMConfig{{Subnet: t.subnet}}
	}
	return n
}

func (e *Engine) volumes(r *http.Request) volume.ListResponse {
	var list volume.ListResponse
	for _, t := range e.matching(r, Volumes) {
		list.Volumes = append(list.Volumes, t.volume())
	}
	return list
}

func (t *thing) volume() *volume.Volume { return &volume.Volume{Name: t.name, Labels: t.labels} }

func (e *Engine) inspect(w http.ResponseWriter, kind, id string, as func(*thing) any) {
	e.mu.Lock()
	t := e.things[kind+"/"+id]
	e.mu.Unlock()
	if t == nil {
		fail(w, http.StatusNotFound, "no such thing: "+id)
		return
	}
	answer(w, as(t))
}

func (e *Engine) remove(w http.ResponseWriter, kind, id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.things[kind+"/"+id]
	switch {
	case t == nil:
		fail(w, http.StatusNotFound, "no such thing: "+id)
	case t.stuck && e.refuses:
		fail(w, http.StatusForbidden, t.name+" has active endpoints")
	default:
		delete(e.things, kind+"/"+id)
		w.WriteHeader(http.StatusNoContent)
	}
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}

func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}
