package observe

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/netdev"
)

// What comes within TLS is received as over a plain connection, and a node that reads nothing keeps nobody.
func TestSecuredSocket(t *testing.T) {
	t.Parallel()
	secured, err := compose.MakeTLS(nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(secured.Server.Cert, secured.Server.Key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan net.Conn)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := io.ReadFull(conn, make([]byte, len("PING\r\n"))); err == nil {
				served <- conn
			}
		}
	}()
	connect := func() (transport, net.Conn) {
		conn, err := compose.Access{TLS: secured}.Dial(t.Context(), netdev.Device{}, "tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		to, err := newTransport(conn)
		if err != nil {
			t.Fatal(err)
		}
		if err := to.send([]byte("PING\r\n")); err != nil {
			t.Fatal(err)
		}
		return to, <-served
	}
	to, node := connect()
	if n, _, err := to.receive(make([]byte, 8)); n != 0 || err != nil {
		t.Errorf("nothing has come: %d, %v", n, err)
	}
	before := time.Now()
	if _, err := node.Write([]byte("+PONG\r\n")); err != nil {
		t.Fatal(err)
	}
	node.Close()
	var text []byte
	var ended error
	for into := make([]byte, 4); ended == nil && time.Since(before) < 10*time.Second; time.Sleep(time.Millisecond) {
		var n int
		var at time.Time
		n, at, ended = to.receive(into)
		if text = append(text, into[:n]...); n > 0 && at.Before(before) {
			t.Errorf("it came at %v, and was sent at %v", at, before)
		}
	}
	if string(text) != "+PONG\r\n" || !errors.Is(ended, io.EOF) {
		t.Errorf("%q, and then %v", text, ended)
	}
	to.close()

	to, node = connect()
	defer node.Close()
	for err = nil; err == nil; {
		err = to.send(make([]byte, 16<<10))
	}
	if !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a node that reads nothing: %v", err)
	}
	to.close()
}
