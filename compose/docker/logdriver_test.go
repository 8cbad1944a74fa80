package docker_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/docker"
	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/enginetest"
)

// startNode starts a single node whose log goes to a log driver.
func startNode(t *testing.T, name string, logs container.LogConfig) *docker.Cluster {
	t.Helper()
	e := enginetest.Need(t)
	run := fmt.Sprintf("test-%d-%s", os.Getpid(), name)
	img, err := image.Ensure(t.Context(), e, "redis:7-alpine", image.Options{Labels: map[string]string{docker.RunLabel: run}})
	if err != nil {
		t.Fatal(err)
	}
	made, err := e.ContainerCreate(t.Context(), &container.Config{
		Image: img.Ref, Cmd: []string{"redis-server", "--protected-mode", "no", "--cluster-enabled", "yes"},
		Labels: map[string]string{docker.RunLabel: run, docker.NodeLabel: "n"},
	}, &container.HostConfig{LogConfig: logs, PublishAllPorts: true}, nil, nil, run)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Remove(context.Background(), run); err != nil {
			t.Error(err)
		}
	})
	if err := e.ContainerStart(t.Context(), made.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	d, err := e.Attach(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The engine begins new files while a log is followed, and drops the oldest.
func TestFollowALogThatRotates(t *testing.T) {
	d := startNode(t, "rotate", container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "20k", "max-file": "3"}})
	ctx, cancel := context.WithCancel(t.Context())
	lines := make(chan string, 1000)
	ended := make(chan error, 1)
	go func() { ended <- d.Follow(ctx, "n", func(l compose.LogLine) { lines <- l.Text }) }()
	defer cancel()

	const count = 60
	pad := strings.Repeat("x", 1000)
	var want, got []string
	for i := range count {
		text := fmt.Sprintf("%d %s", i, pad)
		want = append(want, text)
		logByHand(t, d, text)
		time.Sleep(5 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	close(lines)
	for text := range lines {
		if strings.HasSuffix(text, pad) {
			_, text, _ = strings.Cut(text, " # ")
			got = append(got, text)
		}
	}
	if !slices.Equal(got, want) {
		var numbers []string
		for _, text := range got {
			numbers = append(numbers, text[:2])
		}
		t.Errorf("lines %s are told, want %d", strings.Join(numbers, " "), count)
	}
}

// logByHand has the node log a line.
func logByHand(t *testing.T, d *docker.Cluster, text string) {
	t.Helper()
	c := compose.DirectClient(d, d.Nodes()[0].Addr, 30*time.Second) // one that gives up would log the line twice
	defer c.Close()
	const patience = 30 * time.Second // it may still be starting
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := c.Eval(t.Context(), "redis.log(redis.LOG_WARNING, ARGV[1]); return 1", nil, text).Err()
		if err == nil {
			return
		}
		if time.Since(start) > patience {
			t.Fatal(err)
		}
	}
}

// Where logs go is the engine's setting; some places cannot be read.
func TestFollowALogThatIsNotKept(t *testing.T) {
	d := startNode(t, "nolog", container.LogConfig{Type: "none"})
	err := d.Follow(t.Context(), "n", func(compose.LogLine) { t.Error("a line") })
	if err == nil || !strings.Contains(err.Error(), "does not support reading") {
		t.Errorf("%v", err)
	}
}
