package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	dockerimage "github.com/docker/docker/api/types/image"

	"github.com/redis-chaos/redis-chaos/compose/docker/image"
	"github.com/redis-chaos/redis-chaos/compose/traffic"
)

// helperProgramEnv is the program of helpers, once this test runs as somebody who is not root.
const helperProgramEnv = "DOCKER_TEST_HELPER"

// nobody is a user who owns nothing.
const nobody = 65534

// Who may use the engine, and is not root, changes what becomes of a container's packets by a helper, through
// all that becomes of the container and of the helper.
func TestHelper(t *testing.T) {
	t.Parallel()
	e := engine(t)
	if program := os.Getenv(helperProgramEnv); program != "" {
		testHelper(t, program)
		return
	}
	dir, err := os.MkdirTemp("", "helper")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "chaos")
	// As others build it: where there is a C compiler, it needs libraries, which the image then has.
	if out, err := exec.Command("go", "build", "-o", binary, toolPackage).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	test := exec.Command("/proc/self/exe", "-test.run", "^TestHelper$", "-test.v")
	test.Env = append(os.Environ(), helperProgramEnv+"="+binary, "XDG_STATE_HOME="+dir)
	if os.Geteuid() == 0 {
		test.SysProcAttr = &syscall.SysProcAttr{Credential: whoMayUse(t, e)}
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, nobody, nobody)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := test.CombinedOutput()
	t.Logf("as another user:\n%s", out)
	if err != nil {
		t.Error(err)
	}
}

// whoMayUse is nobody, but for the permission to use an engine.
func whoMayUse(t *testing.T, e *Engine) *syscall.Credential {
	t.Helper()
	who := &syscall.Credential{Uid: nobody, Gid: nobody}
	socket, local := strings.CutPrefix(e.DaemonHost(), "unix://")
	if !local {
		return who
	}
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		who.Groups = []uint32{owner.Gid}
	}
	return who
}

// helped is a cluster of one container, whose packets helpers change.
type helped struct {
	*testing.T
	*Cluster
	run *Registration
}

const helpedNode = "redis-master-1"

func testHelper(t *testing.T, program string) {
	p := Docker()
	p.Helper = program
	e, err := p.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	name := testRun("helper")
	run := registered(t, e, name)
	img, err := image.Ensure(t.Context(), e, DefaultDeployment(3, 0).Image, image.Options{Labels: run.Labels()})
	if err != nil {
		t.Fatal(err)
	}
	config := &container.Config{Image: img.Ref, Cmd: []string{"redis-server", "--protected-mode", "no", "--save", ""}, Labels: run.Labels()}
	config.Labels[NodeLabel] = helpedNode
	created, err := e.ContainerCreate(t.Context(), config, &container.HostConfig{}, nil, nil, name)
	if err == nil {
		err = e.ContainerStart(t.Context(), created.ID, container.StartOptions{})
	}
	if err != nil {
		t.Fatal(errors.Join(err, run.Remove(context.Background())))
	}
	c, err := e.Attach(t.Context(), name)
	if err != nil {
		t.Fatal(errors.Join(err, run.Remove(context.Background())))
	}
	c.run = run
	h := &helped{t, c, run}
	t.Cleanup(func() { h.checkDown(name) })
	h.eventually("it answers", h.reached)

	happened, err := c.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := c.warmUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("a helper served after %s", time.Since(began))
	if again, err := e.Attach(t.Context(), name); err != nil || len(again.Nodes()) != 1 {
		t.Errorf("with a helper, the nodes are %v, %v", again.Nodes(), err)
	}

	h.checkRules()
	h.checkRefused()
	h.checkRestart()
	h.checkLost()
	for {
		select {
		case seen := <-happened:
			if seen.Node != helpedNode {
				t.Errorf("a helper is seen as a node: %+v", seen)
			}
			continue
		default:
		}
		break
	}
}

// lost is a rule by which nobody reaches the server.
func lost() []traffic.Rule {
	return []traffic.Rule{{ID: "1", Effect: traffic.Effect{Drop: &traffic.Drop{}},
		Match: traffic.Match{Direction: traffic.In, Protocol: traffic.TCP, LocalPorts: []traffic.Ports{traffic.Port(redisPort)}}}}
}

func (h *helped) shape(name string, rules []traffic.Rule) error {
	return h.Shape(h.Context(), helpedNode, name, rules)
}

// reached is an error if nobody answers.
func (h *helped) reached() error {
	const patience = 300 * time.Millisecond
	info, err := h.engine.ContainerInspect(h.Context(), h.containers[helpedNode])
	if err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", info.NetworkSettings.Networks["bridge"].IPAddress, redisPort), patience)
	if err == nil {
		conn.Close()
	}
	return err
}

// mustBeCutOff fails unless packets are lost.
func (h *helped) mustBeCutOff(when string) {
	h.Helper()
	var timeout net.Error
	if err := h.reached(); !errors.As(err, &timeout) || !timeout.Timeout() {
		h.Errorf("%s, it is not cut off: %v", when, err)
	}
}

func (h *helped) eventually(what string, f func() error) {
	h.Helper()
	const patience = 30 * time.Second
	var err error
	for began := time.Now(); time.Since(began) < patience; time.Sleep(20 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	h.Fatalf("%s: %v", what, err)
}

func (h *helped) checkRules() {
	began := time.Now()
	if err := h.shape("cut", lost()); err != nil {
		h.Fatal(err)
	}
	h.Logf("a rule stood after %s", time.Since(began))
	h.mustBeCutOff("with a rule")
	if by := h.ShapedBy(helpedNode, "cut"); by != "nftables, in a helper container" {
		h.Errorf("by %q", by)
	}
	const delay = 50 * time.Millisecond
	slow := lost()
	slow[0].Effect = traffic.Effect{Latency: &traffic.Latency{Delay: delay}}
	if err := errors.Join(h.shape("slow", slow), h.shape("cut", nil)); err != nil {
		h.Fatal(err)
	}
	before := time.Now()
	if err := h.reached(); err != nil || time.Since(before) < delay {
		h.Errorf("slowed down, it is reached after %s: %v", time.Since(before), err)
	}
	// Whether an answer has been let go by now, what lets it go may not have counted yet.
	h.eventually("the helper tells what the rule did", func() error {
		done, err := h.Shaped(h.Context(), helpedNode, "slow")
		if err == nil && (len(done) != 1 || done[0].Done == nil || done[0].Done.Held == nil || done[0].Done.Held.Least < delay) {
			err = fmt.Errorf("it has done %+v", done)
		}
		return err
	})
	if ended, err := h.Reset(h.Context(), helpedNode, []traffic.Match{{LocalPorts: []traffic.Ports{traffic.Port(redisPort)}}}); err != nil {
		h.Errorf("reset: %d, %v", ended, err)
	}
	if err := h.shape("slow", nil); err != nil {
		h.Error(err)
	}
	h.eventually("it answers when all is lifted", h.reached)
}

// checkRefused: why a helper does not serve is said in its own words, and nothing of it is left.
func (h *helped) checkRefused() {
	p := Docker()
	p.Helper = "/bin/cat"
	e, err := p.Connect(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { e.Close() })
	other, err := e.Attach(h.Context(), h.runID)
	if err != nil {
		h.Fatal(err)
	}
	if err := h.shaping.letGo(); err != nil { // so that the name is free
		h.Error(err)
	}
	h.shaping.layers = nil
	err = other.Shape(h.Context(), helpedNode, "cut", lost())
	if err == nil || !strings.Contains(err.Error(), "it said: /chaos: "+HelperCommand+": No such file or directory") {
		h.Errorf("a helper that serves nothing: %v", err)
	}
	h.removeImage(other)
	if left := h.helpers(); len(left) > 0 {
		h.Errorf("helpers: %v", left)
	}
	h.eventually("it answers", h.reached)
}

// removeImage removes the image of a cluster's helpers, which no other test has.
func (h *helped) removeImage(of *Cluster) {
	if _, err := of.engine.ImageRemove(context.Background(), of.shaping.helpers, dockerimage.RemoveOptions{Force: true}); err != nil {
		h.Errorf("removing the image of helpers: %v", err)
	}
}

// checkRestart: a container that is started again has its rules again.
func (h *helped) checkRestart() {
	restart := func() {
		h.Helper()
		if err := errors.Join(h.Stop(h.Context(), helpedNode, time.Second), h.Start(h.Context(), helpedNode)); err != nil {
			h.Fatal(err)
		}
	}
	if err := h.shape("cut", lost()); err != nil {
		h.Fatal(err)
	}
	restart()
	h.mustBeCutOff("after a restart")
	if err := h.shape("cut", nil); err != nil {
		h.Error(err)
	}
	h.eventually("it answers", h.reached)
	before := h.helpers()
	restart()
	h.eventually("it has another helper", func() error {
		if now := h.helpers(); len(now) != 1 || slices.Equal(now, before) {
			return fmt.Errorf("there are %v", now)
		}
		return nil
	})
}

// checkLost: that a helper ended is told, and its rules are lifted all the same.
func (h *helped) checkLost() {
	if err := h.shape("cut", lost()); err != nil {
		h.Fatal(err)
	}
	for _, id := range h.helpers() {
		if err := h.engine.ContainerKill(h.Context(), id, "SIGKILL"); err != nil {
			h.Fatal(err)
		}
	}
	if err := h.shape("cut", nil); err == nil || !strings.Contains(err.Error(), "not in force all the time") {
		h.Errorf("rules of a helper that was killed were lifted: %v", err)
	}
	h.eventually("it answers", h.reached)
	if err := h.shape("cut", lost()); err != nil {
		h.Error(err)
	}
	h.mustBeCutOff("by another helper")
}

func (h *helped) helpers() (ids []string) {
	h.Helper()
	all, err := h.engine.containers(h.Context(), labelArgs(map[string]string{RunLabel: h.runID, HelperLabel: helpedNode}))
	if err != nil {
		h.Fatal(err)
	}
	for _, p := range all {
		if p.running {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// checkDown: nothing is left, though rules stand.
func (h *helped) checkDown(name string) {
	if err := h.Down(context.Background()); err != nil {
		h.Error(err)
	}
	h.removeImage(h.Cluster)
	if runs, err := h.engine.Runs(context.Background()); err != nil || slices.Contains(runs, name) {
		h.Errorf("left behind: %v, %v", runs, err)
	}
}

// What no helper can be made of is said before anything is deployed.
func TestHelperProgram(t *testing.T) {
	e := &Engine{arch: "amd64"}
	_, err := e.helperProgram()
	for _, want := range []string{"is no build of it for linux/amd64", "chaos-linux-amd64", "GOARCH=amd64"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("this test is no helper: %v, want %q", err, want)
		}
	}
}
