package image

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	dockerimage "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/redis-chaos/redis-chaos/compose/software"
	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

func TestBuildRuns(t *testing.T) {
	engine := dockerEngine(t)
	binary := softwaretest.OnPath(t)
	opts := Options{Progress: func(line string) { t.Log(line) }}

	begun := time.Now()
	first, err := Build(t.Context(), engine, binary, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("first build took %s", time.Since(begun))
	if first.Origin != Built || first.Binary != binary || !strings.HasPrefix(first.Ref, LocalRepository+":") || first.ID == "" {
		t.Errorf("built %+v", first)
	}

	begun = time.Now()
	opts.Progress = func(line string) { t.Errorf("a second build says %q", line) }
	second, err := Build(t.Context(), engine, binary, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("second build took %s", time.Since(begun))
	if second != first {
		t.Errorf("second build is %+v, first was %+v", second, first)
	}

	// All that the compose deployment relies on: the command, the working
	// directory, redis-cli, and names that resolve.
	id := startContainer(t, engine, &container.Config{
		Image: first.Ref, Hostname: "node-1", Cmd: []string{"redis-server", "--protected-mode", "no"},
	})
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(execIn(t, engine, id, "redis-cli", "-h", "node-1", "--no-auth-warning", "ping"), "PONG") {
		if time.Now().After(deadline) {
			t.Fatal("the server does not answer a ping")
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got := execIn(t, engine, id, "redis-cli", "config", "get", "dir"); !strings.Contains(got, "/data") {
		t.Errorf("the server's directory is %q", got)
	}
	if got := execIn(t, engine, id, "redis-cli", "bgrewriteaof"); !strings.Contains(got, "started") {
		t.Errorf("writing to /data: %q", got)
	}
}

// Two builds of one version are two images, and neither takes the other's name.
func TestBuildsOfOneVersion(t *testing.T) {
	engine := dockerEngine(t)
	cli, err := exec.LookPath("redis-cli")
	if err != nil {
		t.Skip("no redis-cli on this host")
	}
	const output = "Redis server v=6.99.1 sha=0"
	opts := Options{LookPath: softwaretest.LookPath(map[string]string{"redis-cli": cli})}
	build := func(content string) Image {
		t.Helper()
		img, err := Build(t.Context(), engine, softwaretest.Fake(t, output, content), opts)
		if err != nil {
			t.Fatal(err)
		}
		removeImage(t, engine, img.ID)
		return img
	}
	first, second := build("a"), build("b")
	for _, img := range []Image{first, second} {
		inspected, err := engine.ImageInspect(t.Context(), img.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if inspected.ID != img.ID || !strings.HasPrefix(img.Ref, LocalRepository+":redis-6.99.1-") {
			t.Errorf("%s is %s, built as %s", img.Ref, inspected.ID, img.ID)
		}
	}
	if first.ID == second.ID {
		t.Errorf("%s and %s are one image", first.Ref, second.Ref)
	}
}

// TestBuildFindsLibraries builds from programs that have a library of their own.
func TestBuildFindsLibraries(t *testing.T) {
	engine := dockerEngine(t)
	tests := map[string]func(t *testing.T) (root string){
		"beside": func(t *testing.T) string {
			return softwaretest.Compiled(t, "-Wl,-rpath,$ORIGIN/../lib")
		},
		"environment": func(t *testing.T) string {
			root := softwaretest.Compiled(t)
			t.Setenv("LD_LIBRARY_PATH", filepath.Join(root, "lib"))
			return root
		},
	}
	for name, compile := range tests {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(compile(t), "bin/program")
			img, err := Build(t.Context(), engine, program, Options{LookPath: softwaretest.LookPath(map[string]string{"redis-cli": program})})
			if err != nil {
				t.Fatal(err)
			}
			removeImage(t, engine, img.ID)
			inspected, err := engine.ImageInspect(t.Context(), img.ID)
			if err != nil {
				t.Fatal(err)
			}
			server, err := probe(t.Context(), engine, img.Ref, inspected, testLabels(t))
			if want := (software.Server{Name: software.Redis, Version: "6.99.42"}); err != nil || server != want {
				t.Errorf("got %v, %v, want %v", server, err, want)
			}
			checkNoContainers(t, engine)
		})
	}
}

func TestArchiveIsDeterministic(t *testing.T) {
	path := softwaretest.Fake(t, "Redis server v=7.0.15 sha=0", "")
	server := software.Local{Program: software.Program{Path: path, Binary: path}, Real: path, Server: software.Server{Name: software.Redis, Version: "7.0.15"}}
	look := softwaretest.LookPath(map[string]string{"redis-cli": path})
	first, err := assemble(server, look)
	if err != nil {
		t.Fatal(err)
	}
	second, err := assemble(server, look)
	if err != nil {
		t.Fatal(err)
	}
	if first.digest != second.digest || !bytes.Equal(first.archive, second.archive) {
		t.Error("the same content gives different archives")
	}
}

// dockerEngine connects to the Docker engine of this host.
func dockerEngine(t *testing.T) *client.Client {
	t.Helper()
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Skipf("no Docker engine: %v", err)
	}
	t.Cleanup(func() { engine.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	if _, err := engine.Ping(ctx); err != nil {
		t.Skipf("no Docker engine: %v", err)
	}
	return engine
}

const runLabel = "io.redis-chaos.run"

// testLabels are what the containers of a test carry, in this process and no other.
func testLabels(t *testing.T) map[string]string {
	return map[string]string{runLabel: fmt.Sprintf("test-%d-%s", os.Getpid(), strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")))}
}

func startContainer(t *testing.T, engine *client.Client, config *container.Config) string {
	t.Helper()
	config.Labels = testLabels(t)
	created, err := engine.ContainerCreate(t.Context(), config, nil, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeContainer(context.Background(), engine, created.ID) })
	if err := engine.ContainerStart(t.Context(), created.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	return created.ID
}

func execIn(t *testing.T, engine *client.Client, id string, command ...string) string {
	t.Helper()
	created, err := engine.ContainerExecCreate(t.Context(), id, container.ExecOptions{Cmd: command, Tty: true, AttachStdout: true})
	if err != nil {
		t.Fatal(err)
	}
	attached, err := engine.ContainerExecAttach(t.Context(), created.ID, container.ExecAttachOptions{Tty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer attached.Close()
	if err := attached.Conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if _, err := output.ReadFrom(attached.Reader); err != nil {
		if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
			t.Fatal(err)
		}
	}
	return output.String()
}

// removeImage removes an image at the end of the test.
func removeImage(t *testing.T, engine *client.Client, image string) {
	t.Helper()
	t.Cleanup(func() {
		if _, err := engine.ImageRemove(context.Background(), image, dockerimage.RemoveOptions{Force: true}); err != nil {
			t.Errorf("remove image: %v", err)
		}
	})
}

// checkNoContainers checks that a test's helper containers are gone.
func checkNoContainers(t *testing.T, engine *client.Client) {
	t.Helper()
	left, err := engine.ContainerList(context.Background(), container.ListOptions{
		All: true, Filters: filters.NewArgs(filters.Arg("label", runLabel+"="+testLabels(t)[runLabel])),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("%d containers are left behind", len(left))
	}
}
