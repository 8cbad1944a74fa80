package image

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose/software"
	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

// unreachable is a registry that refuses connections.
const unreachable = "127.0.0.1:1/"

func TestEnsureFallsBack(t *testing.T) {
	engine := dockerEngine(t)
	binary := softwaretest.OnPath(t)
	local, err := software.Inspect(t.Context(), binary)
	if err != nil {
		t.Fatal(err)
	}
	asked := unreachable + suggest(local.Server)
	got, err := Ensure(t.Context(), engine, asked, Options{Labels: testLabels(t)})
	if err != nil {
		t.Fatal(err)
	}
	if got.Origin != Built || got.Asked != asked || got.Binary != binary || got.Server != local.Server || !strings.Contains(got.PullError, "connection refused") {
		t.Errorf("got %+v", got)
	}

	// What a run reports as its image can be asked for in the next.
	again, err := Ensure(t.Context(), engine, got.Ref, Options{Labels: testLabels(t)})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Image{Ref: got.Ref, ID: got.ID, Server: got.Server, Origin: Present, Asked: got.Ref}); again != want {
		t.Errorf("got %+v, want %+v", again, want)
	}
	checkNoContainers(t, engine)
}

func TestEnsureWithoutFallback(t *testing.T) {
	engine := dockerEngine(t)
	_, err := Ensure(t.Context(), engine, unreachable+"redis:7", Options{Labels: testLabels(t), LookPath: softwaretest.LookPath(nil)})
	for _, want := range []string{"connection refused", "no local server", "docker pull", "apt-get install redis-server"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestEnsureAsksTheServer(t *testing.T) {
	engine := dockerEngine(t)
	local, err := software.Inspect(t.Context(), softwaretest.OnPath(t))
	if err != nil {
		t.Fatal(err)
	}
	ref := importProgram(t, engine, local.Path, "VOLUME /data")
	got, err := Ensure(t.Context(), engine, ref, Options{Labels: testLabels(t)})
	if err != nil {
		t.Fatal(err)
	}
	if got.Server != local.Server || got.Origin != Present || got.Ref != ref {
		t.Errorf("got %+v", got)
	}
	checkNoContainers(t, engine)
}

func TestEnsureTrustsEnvironment(t *testing.T) {
	engine := dockerEngine(t)
	ref := importProgram(t, engine, "", "ENV VALKEY_VERSION=8.1.1")
	got, err := Ensure(t.Context(), engine, ref, Options{Labels: testLabels(t)})
	if want := (software.Server{Name: software.Valkey, Version: "8.1.1"}); err != nil || got.Server != want {
		t.Errorf("got %+v, %v", got, err)
	}

	ref = importProgram(t, engine, "", "ENV REDIS_VERSION=5.0.7")
	if _, err := Ensure(t.Context(), engine, ref, Options{Labels: testLabels(t)}); err == nil || !strings.Contains(err.Error(), "redis 5.0.7 is too old") {
		t.Errorf("got error %v", err)
	}
}

func TestEnsureNotRedis(t *testing.T) {
	engine := dockerEngine(t)
	ref := importProgram(t, engine, "")
	_, err := Ensure(t.Context(), engine, ref, Options{Labels: testLabels(t)})
	if err == nil || !strings.Contains(err.Error(), "image "+ref+" has no redis-server (") {
		t.Errorf("got error %v", err)
	}
	t.Log(err)

	echo, err := exec.LookPath("echo")
	if err != nil {
		t.Skip("no echo on this host")
	}
	ref = importProgram(t, engine, echo)
	_, err = Ensure(t.Context(), engine, ref, Options{Labels: testLabels(t)})
	if err == nil || !strings.Contains(err.Error(), "redis-server --version says \"") {
		t.Errorf("got error %v", err)
	}
	t.Log(err)
	checkNoContainers(t, engine)
}

func TestEnsureCancelled(t *testing.T) {
	engine := dockerEngine(t)
	ref := importProgram(t, engine, softwaretest.OnPath(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := Ensure(ctx, cancelOnStart{engine, cancel}, ref, Options{Labels: testLabels(t)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	checkNoContainers(t, engine)
}

// cancelOnStart is interrupted when a container has just started.
type cancelOnStart struct {
	Engine
	cancel func()
}

func (e cancelOnStart) ContainerStart(ctx context.Context, id string, options container.StartOptions) error {
	defer e.cancel()
	return e.Engine.ContainerStart(ctx, id, options)
}

// importProgram makes an image of which nothing is known but that it has this
// program, if any, as its redis-server.
func importProgram(t *testing.T, engine *client.Client, host string, changes ...string) string {
	t.Helper()
	files := newRootfs()
	if host != "" {
		if _, err := files.addProgram(software.Program{}, host, software.BinDir+"/redis-server"); err != nil {
			t.Fatal(err)
		}
	}
	var archive bytes.Buffer
	if err := files.archive(&archive); err != nil {
		t.Fatal(err)
	}
	ref := "redis-chaos/test:" + strings.ToLower(rand.Text()[:12])
	c := content{archive: archive.Bytes(), changes: append(changes, "ENV PATH="+searchPath, `CMD ["none"]`)}
	if err := c.load(t.Context(), engine, ref); err != nil {
		t.Fatal(err)
	}
	removeImage(t, engine, ref)
	return ref
}
