// Package cgroup makes control groups of processes whose memory the kernel limits, of either version
// (https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, https://docs.kernel.org/admin-guide/cgroup-v2.html).
// It takes root, and Linux.
package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// kind is how one version of control groups has it.
type kind struct {
	root, usage, limit string
	swap               [2]string // a file, and what it takes to have no swap
	unlimited          string
}

// here is the version that limits memory on this machine.
func here() (kind, error) {
	const mount = "/sys/fs/cgroup"
	if _, err := os.Stat(mount + "/memory/cgroup.procs"); err == nil {
		return kind{root: mount + "/memory", usage: "memory.usage_in_bytes", limit: "memory.limit_in_bytes", swap: [2]string{"memory.swappiness", "0"}, unlimited: "-1"}, nil
	}
	enabled, err := os.ReadFile(mount + "/cgroup.subtree_control")
	if err == nil && strings.Contains(string(enabled), "memory") {
		return kind{root: mount, usage: "memory.current", limit: "memory.max", swap: [2]string{"memory.swap.max", "0"}, unlimited: "max"}, nil
	}
	return kind{}, errors.New("no control groups with the controller memory are mounted at " + mount)
}

// Lacks says why no group can be made here; "" if one can.
func Lacks() string {
	k, err := here()
	if err == nil {
		err = syscall.Access(k.root, 2) // W_OK
	}
	if err != nil {
		return fmt.Sprintf("the memory of local processes is limited by control groups, which root makes on Linux: %v; run with sudo, or with Docker", err)
	}
	return ""
}

// Limit puts a process into a group, and lets the group take no more than so many bytes beyond what it has. What the
// process has by then is not the group's.
func Limit(group string, pid int, more int64) error {
	k, err := here()
	if err != nil {
		return err
	}
	dir := filepath.Join(k.root, group)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, k.usage))
	if err != nil {
		return err
	}
	has, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return fmt.Errorf("the memory of control group %s: %w", group, err)
	}
	for _, set := range [][2]string{k.swap, {k.limit, strconv.FormatInt(has+more, 10)}, {"cgroup.procs", strconv.Itoa(pid)}} {
		if err := os.WriteFile(filepath.Join(dir, set[0]), []byte(set[1]), 0); err != nil && !(set[0] == k.swap[0] && errors.Is(err, fs.ErrNotExist)) { // a kernel without swap has no such file
			return fmt.Errorf("limiting the memory of process %d: %w", pid, err)
		}
	}
	return nil
}

// Lift lets a group have all that it can get, if there is one.
func Lift(group string) error {
	k, err := here()
	if err != nil {
		return err
	}
	err = os.WriteFile(filepath.Join(k.root, group, k.limit), []byte(k.unlimited), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Remove removes a group whose processes have ended, if there is one.
func Remove(ctx context.Context, group string) error {
	k, err := here()
	if err != nil {
		return nil // where none could be made
	}
	const patience, pause = 5 * time.Second, 5 * time.Millisecond // until the kernel has seen the end of the last one
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := os.Remove(filepath.Join(k.root, group))
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
