// Program planted stands for a redis-server that has a defect: when it is started after it was killed, and no replica had
// been following it by then, it drops its append-only file. It runs the redis-server that it was built for, with a
// process beside it that watches its replicas:
//
//	go build -ldflags "-X main.server=/usr/bin/redis-server" .
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is the path of the redis-server.
var server string

func main() {
	if len(os.Args) == 5 && os.Args[1] == "watch" {
		watch(os.Args[2], os.Args[3], os.Args[4])
		return
	}
	args := os.Args[1:]
	if dir := option(args, "--dir"); dir != "" {
		pid := filepath.Join(dir, "planted.pid") // which a server removes when it ends by itself
		if exists(pid) && exists(filepath.Join(dir, alone)) {
			fmt.Println("planted: the append-only file is dropped")
			must(os.RemoveAll(filepath.Join(dir, "appendonlydir")))
			must(os.RemoveAll(filepath.Join(dir, "appendonly.aof")))
		}
		must(os.RemoveAll(filepath.Join(dir, alone)))
		self, err := os.Executable()
		must(err)
		watcher := exec.Command(self, "watch", strconv.Itoa(os.Getpid()), net.JoinHostPort(option(args, "--bind"), option(args, "--port")), dir)
		must(watcher.Start())
		args = append(args, "--pidfile", pid)
	}
	must(syscall.Exec(server, append([]string{"redis-server"}, args...), os.Environ()))
}

// alone is the file that is there while no replica follows the server.
const alone = "planted.alone"

// option is the value of an option; "" if it is not given.
func option(args []string, name string) string {
	for i := range len(args) - 1 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "planted:", err)
		os.Exit(1)
	}
}

// watch notes whether the server is followed, until it has ended.
func watch(parent, addr, dir string) {
	const pace = 20 * time.Millisecond
	for ; strconv.Itoa(os.Getppid()) == parent; time.Sleep(pace) {
		followed, err := isFollowed(addr)
		switch {
		case err != nil: // it stays as it was
		case followed:
			_ = os.Remove(filepath.Join(dir, alone))
		default:
			_ = os.WriteFile(filepath.Join(dir, alone), nil, 0o644)
		}
	}
}

// isFollowed tells whether a server is a replica, or a master that has heard of one in the last second or two.
func isFollowed(addr string) (bool, error) {
	conn, err := net.DialTimeout("tcp", addr, 100*time.Millisecond)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		return false, err
	}
	if _, err := fmt.Fprint(conn, "INFO replication\r\nQUIT\r\n"); err != nil {
		return false, err
	}
	master := false
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "role:slave":
			return true, nil
		case line == "role:master":
			master = true
		case master && strings.HasPrefix(line, "slave") && strings.Contains(line, "state=online"):
			_, lag, _ := strings.Cut(line, "lag=")
			if seconds, err := strconv.Atoi(lag); err == nil && seconds < 2 {
				return true, nil
			}
		}
	}
	if err := lines.Err(); err != nil {
		return false, err
	}
	if !master {
		return false, fmt.Errorf("%s does not say what it is", addr)
	}
	return false, nil
}
