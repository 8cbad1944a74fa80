//go:build linux

package attack

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// goodVersion is what --version of a server prints.
	goodVersion = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d81d8ff71cfb150e\n"
	// flood is how much one that floods prints, so that no disk is filled.
	flood = 8 << 20
)

// beServer is a hostile redis-server of a kind, until it is killed. Those whose kind begins
// with version misbehave when they are asked for that, and end otherwise.
func beServer(kind string, args []string) int {
	if slices.Contains(args, "--version") {
		return tellVersion(kind)
	}
	if s, ok := answers()[kind]; ok {
		return listen(args, s)
	}
	switch kind {
	case "deaf":
		select {}
	case "dies with a long last word":
		fmt.Print("\x1b[2J\x1b]0;x\x07", strings.Repeat("A", 1<<20), "\n", strings.Repeat("B\r\n", 1<<16))
		return 1
	case "dies of a signal":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "floods its log":
		line := []byte("1:M 22 Nov 2026 11:04:01.123 * \x1b[2J" + strings.Repeat("flood ", 30) + "\n")
		for range flood / len(line) {
			os.Stdout.Write(line)
		}
		select {}
	case "floods its log with one line":
		os.Stdout.Write(bytes.Repeat([]byte("x"), flood))
		select {}
	case "leaves for the background": // as daemonize does
		child := exec.Command("sleep", "300")
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		child.Stdout, child.Stderr = os.Stdout, os.Stderr // holds the pipe of the log
		if err := child.Start(); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	case "forgets":
		return forget(args)
	}
	return 1
}

func tellVersion(kind string) int {
	switch kind {
	case "version without end":
		for {
			if _, err := os.Stdout.Write(bytes.Repeat([]byte("x"), 1<<16)); err != nil {
				return 1
			}
		}
	case "version and more without end":
		fmt.Print(goodVersion)
		for {
			if _, err := os.Stdout.Write(bytes.Repeat([]byte("more\n"), 1<<12)); err != nil {
				return 1
			}
		}
	case "version never":
		select {}
	case "version held by a child":
		child := exec.Command("sleep", "300")
		child.Stdout = os.Stdout
		_ = child.Start()
		return 0
	case "version of noise":
		fmt.Print("\x00\xff\xfe\x1b[31mv=7\r\n")
	case "version with ANSI sequences":
		fmt.Print("\x1b[2J\x1b]0;x\x07\n", "Redis server v=7.0.15 sha=\x1b[31m\n")
	case "version of an ANSI sequence":
		fmt.Print("Redis server v=7.0.15\x1b[2J sha=0\n")
	case "version of long ago":
		fmt.Print("Redis server v=2.8.0 sha=0\n")
	case "version beyond numbers":
		fmt.Print("Redis server v=99999999999999999999999.0.0 sha=0\n")
	case "version of nothing":
	case "version of another program":
		fmt.Print("PostgreSQL 16\n")
	default:
		fmt.Print(goodVersion)
	}
	return 0
}

// answers are what servers say to whatever they are asked, once they have said PONG.
func answers() map[string]func(conn net.Conn, ask []string) error {
	say := func(text string) func(net.Conn, []string) error {
		return func(conn net.Conn, _ []string) error {
			_, err := io.WriteString(conn, text)
			return err
		}
	}
	endless := func(begin, more string) func(net.Conn, []string) error {
		return func(conn net.Conn, _ []string) error {
			_, err := io.WriteString(conn, begin)
			chunk := strings.Repeat(more, max(1, (1<<14)/len(more)))
			for err == nil {
				_, err = io.WriteString(conn, chunk)
			}
			return err
		}
	}
	return map[string]func(net.Conn, []string) error{
		"says OK to everything":        say("+OK\r\n"),
		"says nothing":                 say(""),
		"says no":                      say("-ERR \x1b[2J\x1b]0;x\x07no\r\n"),
		"says noise":                   say("\x00\xff\xfe\r\n\x1b[31m"),
		"says 1":                       say(":1\r\n"),
		"says a number beyond numbers": say(":99999999999999999999999999\r\n"),
		"says a bulk below nothing":    say("$-7\r\n"),
		"says a bulk beyond memory":    say("$9223372036854775807\r\nx"),
		"says an array beyond memory":  say("*2147483647\r\n"),
		"says a map of maps":           say(strings.Repeat("%1\r\n+a\r\n", 1000)),
		"says a bulk without end":      endless("$1000000000000\r\n", "x"),
		"says a line without end":      endless("+", "x"),
		"says arrays in each other":    endless("", "*1\r\n"),
		"says lines without end":       endless("", "+OK\r\n"),
		"hangs up":                     func(net.Conn, []string) error { return io.EOF },
		"says PONG and hangs":          func(net.Conn, []string) error { select {} },
	}
}

// listen answers as a server of that kind does.
func listen(args []string, answer func(net.Conn, []string) error) int {
	l, err := net.Listen("tcp4", net.JoinHostPort(option(args, "--bind"), option(args, "--port")))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return 1
		}
		go func() {
			defer conn.Close()
			in := bufio.NewReader(conn)
			for {
				ask, _, err := readCommand(in)
				if err == nil && len(ask) > 0 && strings.EqualFold(ask[0], "PING") {
					_, err = io.WriteString(conn, "+PONG\r\n")
				} else if err == nil {
					err = answer(conn, ask)
				}
				if err != nil {
					return
				}
			}
		}()
	}
}

// option is the value of an option of redis-server's command line.
func option(args []string, name string) string {
	i := slices.Index(args, name)
	if i < 0 || i+1 >= len(args) {
		return ""
	}
	return args[i+1]
}

// readCommand reads a command, also one in a line, and is its source, too.
func readCommand(in *bufio.Reader) (parts []string, source []byte, err error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, nil, err
	}
	source = []byte(line)
	if line[0] != '*' {
		return strings.Fields(line), source, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(line[1:]))
	for range max(n, 0) {
		if err != nil {
			return nil, nil, err
		}
		head, err := in.ReadString('\n')
		if err != nil || len(head) < 2 {
			return nil, nil, io.ErrUnexpectedEOF
		}
		size, err := strconv.Atoi(strings.TrimSpace(head[1:]))
		if err != nil {
			return nil, nil, err
		}
		body := make([]byte, size+2)
		if _, err := io.ReadFull(in, body); err != nil {
			return nil, nil, err
		}
		parts = append(parts, string(body[:size]))
		source = append(append(source, head...), body...)
	}
	return parts, source, err
}

// forget is a server that acks every SADD and keeps none: it stands before a real one, and
// asks that for the size of the set instead, which is answered by a number as well.
func forget(args []string) int {
	runtime.LockOSThread() // the real one is killed when the thread that started it ends
	port := option(args, "--port")
	const behind = "7379"
	own := append(slices.Clone(args), "--port", behind, "--cluster-port", "16379", "--cluster-announce-port", port, "--cluster-announce-bus-port", "16379")
	real := exec.Command("redis-server", own...)
	real.Stdout, real.Stderr = os.Stdout, os.Stderr
	real.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := real.Start(); err != nil {
		fmt.Println(err)
		return 1
	}
	go func() {
		l, err := net.Listen("tcp4", net.JoinHostPort(option(args, "--bind"), port))
		for err == nil {
			var conn net.Conn
			if conn, err = l.Accept(); err == nil {
				go pass(conn, "127.0.0.1:"+behind)
			}
		}
		fmt.Println(err)
	}()
	if err := real.Wait(); err != nil {
		return 1
	}
	return 0
}

// pass hands the commands of a connection to the real server, and its answers back.
func pass(client net.Conn, to string) {
	defer client.Close()
	var server net.Conn
	var err error
	for range 50 { // it may be starting
		if server, err = net.Dial("tcp4", to); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		client.Close()
	}()
	in := bufio.NewReader(client)
	for {
		ask, source, err := readCommand(in)
		if err != nil {
			return
		}
		if len(ask) > 1 && strings.EqualFold(ask[0], "SADD") {
			source = fmt.Appendf(nil, "*2\r\n$5\r\nSCARD\r\n$%d\r\n%s\r\n", len(ask[1]), ask[1])
		}
		if _, err := server.Write(source); err != nil {
			return
		}
	}
}
