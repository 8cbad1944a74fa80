package compose

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/certificate"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// BenchmarkConnection is what a new connection takes of a server's CPU, which is one thread for most of it: a plain one and
// one over TLS, both with AUTH.
func BenchmarkConnection(b *testing.B) {
	ca := newAuthority(b)
	plain, secured := startServer(b, ca.issue(b, certificate.Wish{Name: "server", Hosts: []string{"127.0.0.1"}}), ca)
	within, err := NewTLS(Credentials{CA: ca.PEM, Client: ca.issue(b, certificate.Wish{Name: "client"})})
	if err != nil {
		b.Fatal(err)
	}
	for _, of := range []struct {
		name, addr string
		access     Access
	}{
		{"plain", plain, Access{Username: "tool", Password: "right"}},
		{"tls", secured, Access{Username: "tool", Password: "right", TLS: within}},
	} {
		b.Run(of.name, func(b *testing.B) {
			before := serverCPU(b, plain)
			for b.Loop() {
				conn, err := of.access.Dial(b.Context(), netdev.Device{}, "tcp", of.addr)
				if err != nil {
					b.Fatal(err)
				}
				conn.Close()
			}
			b.ReportMetric(float64((serverCPU(b, plain)-before).Microseconds())/float64(b.N), "server-µs/op")
		})
	}
}

// serverCPU is how much of a CPU a server has used.
func serverCPU(b *testing.B, addr string) (used time.Duration) {
	b.Helper()
	client := DirectClient(dialledBy(Access{}.dialAny), addr, 5*time.Second)
	defer client.Close()
	text, err := client.Info(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				b.Fatal(fmt.Errorf("%s: %w", line, err))
			}
			used += time.Duration(seconds * float64(time.Second))
		}
	}
	return used
}
