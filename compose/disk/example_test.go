package disk_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/disk"
)

// A machine loses power: freeze its disk, kill what ran on it, and drop what was not
// durable. What starts on the directory then finds what the machine would.
func Example() {
	ctx := context.Background()
	d, err := disk.Mount(disk.Options{
		Below:     "/var/lib/node-1",
		At:        "/var/lib/node-1", // over itself: the server's paths are the same with and without the disk
		Writeback: disk.Writeback{Expire: 30 * time.Second, Commit: 5 * time.Second},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Unmount(ctx)

	server := exec.Command("redis-server", "--dir", "/var/lib/node-1", "--appendonly", "yes")
	server.Dir = "/" // never on a disk that this process serves
	if err := server.Start(); err != nil {
		log.Fatal(err)
	}
	time.Sleep(10 * time.Second)

	if err := d.Freeze(ctx); err != nil {
		log.Fatal(err)
	}
	server.Process.Kill()
	server.Wait()
	loss, err := d.LosePower(ctx, disk.Tear{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range loss.Files {
		fmt.Printf("%s: %d bytes lost\n", f.Name, f.Bytes)
	}
}

// Faults are set and lifted under names of the caller's while the disk is in use, several at once.
func ExampleDisk_faults() {
	ctx := context.Background()
	d, err := disk.Mount(disk.Options{Below: "/var/lib/node-1", At: "/mnt/node-1"})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Unmount(ctx)

	for name, fault := range map[string]disk.Fault{
		"no room for more than a MiB":   {Full: &disk.Full{Bytes: 1 << 20}},
		"remounted read-only":           {ReadOnly: true},
		"the AOF cannot be synced":      {Fail: &disk.Fail{Match: disk.Match{Ops: []disk.Op{disk.OpFsync}, Names: []string{"appendonlydir/*"}}, Next: 3}},
		"every tenth write fails":       {Fail: &disk.Fail{Match: disk.Match{Ops: []disk.Op{disk.OpWrite}}, Probability: 0.1, Seed: 7}},
		"nodes.conf is slow to sync":    {Slow: &disk.Slow{Match: disk.Match{Ops: []disk.Op{disk.OpFsync}, Names: []string{"nodes.conf*"}}, Delay: time.Second, Jitter: 200 * time.Millisecond}},
		"everything waits for the disk": {Slow: &disk.Slow{Match: disk.Match{Ops: []disk.Op{disk.OpRead, disk.OpWrite, disk.OpFsync}}, Delay: 50 * time.Millisecond}},
	} {
		if err := d.Set(ctx, name, fault); err != nil {
			log.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		state, err := d.State(ctx)
		if err != nil {
			log.Fatal(err)
		}
		effect := state.Faults[name]
		fmt.Printf("%s: %d failed, %d held for %s\n", name, effect.Failed, effect.Slowed, effect.Held)
		if err := d.Lift(ctx, name); err != nil {
			log.Fatal(err)
		}
	}
}

// A program that serves a disk to a client in another process, which starts it and holds its stdin.
func ExampleServe() {
	if err := disk.Serve(context.Background(), os.Stdin, os.Stdout, slog.Default()); err != nil {
		log.Fatal(err)
	}
}

// The client of a disk that a helper serves.
func ExampleNewClient() {
	ctx := context.Background()
	helper := exec.Command("a-program-that-calls-Serve")
	helper.Stderr = os.Stderr
	in, err := helper.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	out, err := helper.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		log.Fatal(err)
	}
	client := disk.NewClient(in, out)
	if err := client.Mount(ctx, disk.Options{Below: "/below", At: "/data"}); err != nil {
		log.Fatal(err)
	}
	var d disk.Disk = client // from here on as if it were mounted by this process
	if err := d.Set(ctx, "full", disk.Fault{Full: &disk.Full{}}); err != nil {
		log.Fatal(err)
	}
	client.Close() // the helper unmounts the disk, and ends
	if err := helper.Wait(); err != nil {
		log.Fatal(err)
	}
}

// Disks whose process was killed are found by their type, and removed. What was durable is below.
func ExampleFind() {
	mounts, err := disk.Find()
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range mounts {
		if !m.Dead {
			continue
		}
		if err := disk.Remove(m.At); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("removed the disk at %s; its files are in %s\n", m.At, m.Below)
	}
}
