package workload

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/drive/goredis"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// What a fake server does instead of replying.
const (
	hang     = "hang"      // never answer; see fakeConn
	hangUp   = "hang up"   // close the connection
	reset    = "reset"     // close it with a reset
	hangUpOn = "hang up!"  // close it, and take no further ones
	slow     = "slow\r\n:" // reply ":1" after slowReply
)

const slowReply = 300 * time.Millisecond

// fakeServer is a cluster of one node that answers writes as told: the n-th
// with the n-th of its replies, and all further ones with the last. In replies,
// $addr stands for its own address.
type fakeServer struct {
	listener net.Listener
	clients  sync.Map // *fakeConn by its address

	mu      sync.Mutex
	replies []string
	wait    string   // the reply to WAIT
	multi   string   // the reply to MULTI; +OK if empty
	execs   []string // the replies to EXEC, like those to writes
	release string   // the reply to EVAL, by default :1
	mute    bool     // new connections get no answer at all
	conns   []net.Conn
	asked   int // how many replies to writes were taken
	closed  chan struct{}
}

var _ drive.Target = (*fakeServer)(nil)

func newFakeServer(t *testing.T, replies ...string) *fakeServer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &fakeServer{listener: l, replies: replies, closed: make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			mute := s.mute
			s.mu.Unlock()
			serving.Go(func() { s.serve(conn, mute) })
		}
	})
	t.Cleanup(func() {
		close(s.closed)
		_ = l.Close()
		s.hangUpAll()
		serving.Wait()
	})
	return s
}

func (s *fakeServer) addr() string           { return s.listener.Addr().String() }
func (s *fakeServer) Addrs() []string        { return []string{s.addr()} }
func (s *fakeServer) Shards() int            { return 1 }
func (s *fakeServer) ShardOf(int) int        { return 0 }
func (s *fakeServer) NodeAt(a string) string { return map[string]string{s.addr(): "fake"}[a] }

func (s *fakeServer) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c := &fakeConn{TCPConn: conn.(*net.TCPConn), closed: make(chan struct{})}
	s.clients.Store(conn.LocalAddr().String(), c)
	return c, nil
}

// fakeConn is the client's end of a connection to a fake server. When that decides
// never to answer, what the client waits for times out at once if it ever would.
// So a test need not wait for it, and its timeouts can be so long that a busy machine
// does not outlast one where there is an answer.
type fakeConn struct {
	*net.TCPConn
	limited, hung atomic.Bool // a read has a deadline; there will be no answer
	close         sync.Once
	closed        chan struct{}
}

func (c *fakeConn) SetDeadline(at time.Time) error {
	c.limited.Store(!at.IsZero())
	return c.TCPConn.SetDeadline(at)
}

func (c *fakeConn) SetReadDeadline(at time.Time) error {
	c.limited.Store(!at.IsZero())
	return c.TCPConn.SetReadDeadline(at)
}

// Read reads what was answered before the server hung, too: it has then sent the end
// of the stream.
func (c *fakeConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if !errors.Is(err, io.EOF) || !c.hung.Load() {
		return n, err
	}
	if c.limited.Load() {
		return n, &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
	}
	<-c.closed
	return c.TCPConn.Read(b)
}

func (c *fakeConn) Close() error {
	c.close.Do(func() { close(c.closed) })
	return c.TCPConn.Close()
}

// hang answers nothing any more on a connection.
func (s *fakeServer) hang(conn net.Conn) {
	if client, ok := s.clients.Load(conn.RemoteAddr().String()); ok {
		client.(*fakeConn).hung.Store(true)
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	<-s.closed
}

func (s *fakeServer) hangUpAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.Close()
	}
}

// muteNew has no new connection answered, and ends all that there are.
func (s *fakeServer) muteNew() {
	s.mu.Lock()
	s.mute = true
	s.mu.Unlock()
	s.hangUpAll()
}

func (s *fakeServer) serve(conn net.Conn, mute bool) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		args, err := readCommand(r)
		if err != nil {
			return
		}
		reply := s.answer(args)
		if mute {
			reply = hang
		}
		switch reply {
		case hang:
			s.hang(conn)
			return
		case hangUp:
			return
		case hangUpOn:
			_ = s.listener.Close()
			return
		case reset:
			_ = conn.(*net.TCPConn).SetLinger(0)
			return
		case slow:
			time.Sleep(slowReply)
			reply = ":1"
		}
		if _, err := io.WriteString(conn, reply+"\r\n"); err != nil {
			return
		}
	}
}

func (s *fakeServer) answer(args []string) string {
	switch strings.ToLower(args[0]) {
	case "ping":
		return "+PONG"
	case "asking":
		return "+OK"
	case "cluster": // slots
		host, port, _ := net.SplitHostPort(s.addr())
		return fmt.Sprintf("*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$%d\r\n%s\r\n:%s\r\n$40\r\n%040d", len(host), host, port, 1)
	case "sadd", "hset", "set", "psetex", "rpush", "incrby", "xadd":
		s.mu.Lock()
		s.asked++
		s.mu.Unlock()
		return s.shift(&s.replies)
	case "exec":
		return s.shift(&s.execs)
	case "multi":
		s.mu.Lock()
		defer s.mu.Unlock()
		return cmp.Or(s.multi, "+OK")
	case "eval":
		s.mu.Lock()
		defer s.mu.Unlock()
		return cmp.Or(s.release, ":1")
	case "wait", "waitaof":
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.wait
	default:
		return fmt.Sprintf("-ERR unknown command '%s'", args[0])
	}
}

// shift takes the next of some replies; the last of them stays.
func (s *fakeServer) shift(replies *[]string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply := (*replies)[0]
	if len(*replies) > 1 {
		*replies = (*replies)[1:]
	}
	return strings.ReplaceAll(reply, "$addr", s.addr())
}

// readCommand reads an array of bulk strings.
func readCommand(r *bufio.Reader) ([]string, error) {
	length := func() (int, error) {
		line, err := r.ReadString('\n')
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(strings.TrimSpace(line[1:]))
	}
	n, err := length()
	if err != nil {
		return nil, err
	}
	args := make([]string, n)
	for i := range args {
		size, err := length()
		if err != nil {
			return nil, err
		}
		b := make([]byte, size+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		args[i] = string(b[:size])
	}
	return args, nil
}

func ms(n int) *units.Duration {
	d := units.Duration(time.Duration(n) * time.Millisecond)
	return &d
}

func ptr[T any](v T) *T { return &v }

// brisk is client options of one more attempt, which is made soon. Its timeouts are
// longer than a busy machine takes for an answer.
func brisk() scenarios.ClientOptions {
	return scenarios.ClientOptions{
		DialTimeout: ms(20_000), ReadTimeout: ms(20_000), PoolTimeout: ms(20_000),
		MaxRedirects: ptr(1), MinRetryBackoff: ms(1), MaxRetryBackoff: ms(2),
	}
}

// impatient is client options with timeouts so short that tests need not wait for
// them. A busy machine outlasts them: nothing may depend on any one answer.
func impatient() scenarios.ClientOptions {
	o := brisk()
	o.DialTimeout, o.ReadTimeout, o.PoolTimeout = ms(200), ms(50), ms(50)
	return o
}

// open makes a client as a load would whose scenario has some options.
func open(t *testing.T, through drive.Library, target drive.Target, o scenarios.ClientOptions, clients int) drive.ClusterClient {
	t.Helper()
	load := drive.NewLoad(scenarios.Workload{Name: "w", Clients: clients, Client: o}, target, newRecord(), through)
	client, err := load.Open()
	must(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// writeOnce connects, does what prepare says, and writes once. It returns the
// outcome, the kind of the error, and the name of the node that acked.
func writeOnce(t *testing.T, target drive.Target, o scenarios.ClientOptions, prepare func(drive.ClusterClient)) (history.Outcome, string, string) {
	t.Helper()
	client := open(t, goredis.Library{}, target, o, 1)
	must(t, client.Reach(t.Context()))
	if prepare != nil {
		prepare(client)
	}
	return writeBy(t, client, drive.Write{})
}

// writeBy writes once.
func writeBy(t *testing.T, client drive.ClusterClient, w drive.Write) (history.Outcome, string, string) {
	w.Begin([]byte("value"))
	cmd := drive.NewCommand(set{}.Command(nil, "key", &w)...)
	client.Do(t.Context(), cmd)
	got, cause := w.Outcome(cmd.Err)
	if got.IsAcked() {
		return got, "", w.By.Name
	}
	return got, failure.Kind(got, cause), ""
}
