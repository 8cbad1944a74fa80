package cgroup

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// TestMain is also a process that takes 60 MB once it may.
func TestMain(m *testing.M) {
	if os.Getenv("TAKE_MEMORY") == "" {
		os.Exit(m.Run())
	}
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // or its end
	taken := make([]byte, 60_000_000)
	for i := range taken {
		taken[i] = 1
	}
	fmt.Println(taken[len(taken)-1])
}

// A process that takes more than it may is killed, unless the limit has been lifted.
func TestLimit(t *testing.T) {
	if why := Lacks(); why != "" {
		t.Skip(why)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	group := fmt.Sprintf("redis-chaos-test-%d", os.Getpid())
	t.Cleanup(func() {
		for range 2 { // one that is gone is fine
			if err := Remove(context.Background(), group); err != nil {
				t.Error(err)
			}
		}
	})
	for _, lifted := range []bool{false, true} {
		p := exec.Command(self)
		p.Env = append(os.Environ(), "TAKE_MEMORY=1")
		in, err := p.StdinPipe()
		if err == nil {
			err = p.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		err = Limit(group, p.Process.Pid, 20_000_000)
		if lifted && err == nil {
			err = Lift(group)
		}
		if err != nil {
			t.Error(err)
		}
		if _, err := io.WriteString(in, "\n"); err != nil {
			t.Error(err)
		}
		_ = p.Wait() // how it ended is what matters
		status := p.ProcessState.Sys().(syscall.WaitStatus)
		if killed := status.Signaled() && status.Signal() == syscall.SIGKILL; killed == lifted || lifted && status.ExitStatus() != 0 {
			t.Errorf("limit lifted: %t; it ended by %s", lifted, p.ProcessState)
		}
	}
}
