package local

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

// A connection that was made by the cluster has been let in; any other one says its password itself.
func TestPassword(t *testing.T) {
	needMode(t, Unprivileged)
	t.Parallel()
	c, err := Deploy(t.Context(), Options{RunID: "test-password", Masters: 3, Dir: t.TempDir(), Mode: Unprivileged, Access: compose.Access{Password: "s3cret"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	node := c.Nodes()[0]
	ask := func(conn net.Conn, err error) string {
		t.Helper()
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		answer := make([]byte, 64)
		if _, err := conn.Write([]byte("PING\r\n")); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(answer)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(answer[:n]))
	}
	if answer := ask(c.Dial(t.Context(), "tcp", node.Addr)); answer != "+PONG" {
		t.Errorf("by the cluster: %s", answer)
	}
	if answer := ask(net.Dial("tcp", node.HostAddr)); !strings.HasPrefix(answer, "-NOAUTH") {
		t.Errorf("without the password: %s", answer)
	}
	wrong := compose.Access{Password: "other"}
	if answer := ask(wrong.Dial(t.Context(), compose.Interface{}, "tcp", node.HostAddr)); !strings.Contains(answer, "AUTH: WRONGPASS") {
		t.Errorf("with another one: %s", answer)
	}

	// A server that is frozen lets nobody in, and the wait for it ends with the context.
	if err := c.Pause(t.Context(), node.Name); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Dial(ctx, "tcp", node.Addr); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("frozen: %v", err)
	}
}
