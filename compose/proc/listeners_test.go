package proc

import (
	"fmt"
	"net"
	"os"
	"testing"
)

func TestParseListener(t *testing.T) {
	for line, want := range map[string]string{
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode":            "none",
		"   0: 0B00007F:B0C3 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 777 1 0":          "127.0.0.11:45251 777",
		"   1: 0B00007F:B0C3 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 778 1 0":          "none",
		"   2: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 779 1 0": "[::]:6379 779",
		"   3: 0000000000000000FFFF00000100007F:18EB 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 780 1 0": "127.0.0.1:6379 780",
		"   4: 0B0000:B0C3 00000000:0000 0A 0:0 00:0 0 0 0 781":                                                       "none",
	} {
		got := "none"
		if l, ok := parseListener(line); ok {
			got = fmt.Sprint(l.At, " ", l.Inode)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

func TestPortHolder(t *testing.T) {
	if _, err := os.Stat("/proc/self/net/tcp"); err != nil {
		t.Skipf("needs /proc of Linux: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	want := fmt.Sprintf("process %d (%s)", os.Getpid(), Comm(os.Getpid()))
	if got := PortHolder(l.Addr().(*net.TCPAddr).Port); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
