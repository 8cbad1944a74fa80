package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/containerd/errdefs"
	dockerimage "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/jsonmessage"

	"github.com/redis-chaos/redis-chaos/compose/software/softwaretest"
)

// fakeEngine has no images, and pulls as it is told.
type fakeEngine struct {
	Engine
	pull func(ctx context.Context) (io.ReadCloser, error)
}

func (fakeEngine) ImageInspect(context.Context, string, ...client.ImageInspectOption) (dockerimage.InspectResponse, error) {
	return dockerimage.InspectResponse{}, fmt.Errorf("no such image: %w", errdefs.ErrNotFound)
}

func (e fakeEngine) ImagePull(ctx context.Context, _ string, _ dockerimage.PullOptions) (io.ReadCloser, error) {
	return e.pull(ctx)
}

func pullOf(lines ...string) func(context.Context) (io.ReadCloser, error) {
	return func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Join(lines, "\n"))), nil
	}
}

func TestPullProgress(t *testing.T) {
	engine := fakeEngine{pull: pullOf(
		`{"status":"Pulling from library/redis","id":"7-alpine"}`,
		`{"status":"Downloading","id":"a","progressDetail":{"current":1000000,"total":2000000}}`,
	)}
	synctest.Test(t, func(t *testing.T) {
		var lines []string
		err := pull(t.Context(), engine, "redis:7-alpine", Options{Progress: func(line string) { lines = append(lines, line) }})
		// Within a second of the first line there is no second one.
		if err != nil || len(lines) != 1 || lines[0] != "pulling redis:7-alpine" {
			t.Errorf("got %q, %v", lines, err)
		}
	})
}

func TestLayerSum(t *testing.T) {
	downloading := func(id string, current, total int64) (m message) {
		m.ID, m.Status, m.Progress = id, "Downloading", &jsonmessage.JSONProgress{Current: current, Total: total}
		return m
	}
	layers := layerSum{}
	steps := []struct {
		message message
		want    string
	}{
		{message{ID: "a", Status: "Pulling fs layer"}, ""},
		{downloading("a", 2_300_000, 31_000_000), ": 2.3 of 31.0 MB"},
		{downloading("b", 5_000_000, 10_000_000), ": 7.3 of 41.0 MB"},
		{downloading("a", 7_300_000, 31_000_000), ": 12.3 of 41.0 MB"},
		{message{ID: "b", Status: "Download complete"}, ": 17.3 of 41.0 MB"},
		{message{ID: "a", Status: "Pull complete"}, ": 41.0 MB, unpacking"},
	}
	for _, step := range steps {
		layers.add(step.message)
		if got := layers.String(); got != step.want {
			t.Errorf("after %+v: %q, want %q", step.message, got, step.want)
		}
	}
}

func TestPullStreamError(t *testing.T) {
	engine := fakeEngine{pull: pullOf(`{"status":"Pulling"}`, `{"error":"no space left on device","errorDetail":{"message":"no space left on device"}}`)}
	if err := pull(t.Context(), engine, "redis:7", Options{}); err == nil || err.Error() != "no space left on device" {
		t.Errorf("got error %v", err)
	}
}

func TestPullTimeout(t *testing.T) { synctest.Test(t, testPullTimeout) }

func testPullTimeout(t *testing.T) {
	silent := fakeEngine{pull: func(ctx context.Context) (io.ReadCloser, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	begun := time.Now()
	err := pull(t.Context(), silent, "redis:7", Options{PullTimeout: 50 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "did not answer within 50ms") {
		t.Errorf("got error %v", err)
	}
	if took := time.Since(begun); took != 50*time.Millisecond {
		t.Errorf("took %s", took)
	}

	slow := fakeEngine{pull: func(ctx context.Context) (io.ReadCloser, error) {
		reader, writer := io.Pipe()
		go func() {
			for range 5 {
				_, _ = io.WriteString(writer, `{"status":"Downloading"}`)
				select {
				case <-ctx.Done():
					writer.CloseWithError(ctx.Err())
				case <-time.After(30 * time.Millisecond):
				}
			}
			writer.Close()
		}()
		return reader, nil
	}}
	if err := pull(t.Context(), slow, "redis:7", Options{PullTimeout: 100 * time.Millisecond}); err != nil {
		t.Errorf("a slow pull that progresses failed: %v", err)
	}
}

func TestUnpullable(t *testing.T) {
	engine := fakeEngine{pull: func(context.Context) (io.ReadCloser, error) {
		return nil, errors.New("Error response from daemon: no such host")
	}}
	server := softwaretest.Fake(t, "Redis server v=7.0.15 sha=0", "")
	old := softwaretest.Fake(t, "Redis server v=6.0.9 sha=0", "")
	tests := []struct {
		ref   string
		local string // path of the local server
		want  []string
	}{
		{"redis:7", "", []string{"redis:7 is not in the engine and could not be pulled (no such host)", "docker pull redis:7", "apt-get install redis-server", "--redis-server PATH"}},
		{"nginx:1", server, []string{"nginx:1 is not in the engine", "neither Redis nor Valkey"}},
		{"valkey/valkey", server, []string{"valkey/valkey asks for valkey", "is redis 7.0.15", "set cluster.image to redis:7"}},
		{"redis:8.0", server, []string{"redis:8.0 asks for redis 8", "is redis 7.0.15"}},
		{"redis-chaos/local:redis-6.2.7", server, []string{"not in the engine", "never pulled", "asks for redis 6"}},
		{"redis:6", old, []string{"6.0.9 is too old"}},
		{"redis:7 ", server, []string{"invalid reference format"}},
		{"", server, []string{"no image is named"}},
	}
	for _, test := range tests {
		opts := Options{Labels: testLabels(t), LookPath: softwaretest.LookPath(map[string]string{"redis-server": test.local})}
		_, err := Ensure(t.Context(), engine, test.ref, opts)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q in it", test.ref, err, want)
			}
		}
		t.Log(err)
	}
}

func TestNoCLI(t *testing.T) {
	server := softwaretest.Fake(t, "Redis server v=7.0.15 sha=0", "")
	_, err := Build(t.Context(), fakeEngine{}, server, Options{LookPath: softwaretest.LookPath(nil)})
	if err == nil || !strings.Contains(err.Error(), "no redis-cli next to "+server) {
		t.Errorf("got error %v", err)
	}
}
