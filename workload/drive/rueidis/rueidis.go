// Package rueidis is the client library rueidis, as loads drive it.
//
// It sends one command at a time on a connection: a command that shares one with others
// could not be told from theirs. So each command that is under way has a client of the
// library to itself, as in as many programs, and the connections of that client are looked
// at: a command is handed over when its bytes are written to one, and an attempt at it is
// over when that one answers. The library tries no write again that may have been applied.
package rueidis

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	ruei "github.com/redis/rueidis"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/books"
)

// Library is rueidis.
type Library struct{}

var (
	_ drive.Library       = Library{}
	_ drive.ClusterClient = (*client)(nil)
)

// Lacks implements drive.Library.
func (Library) Lacks() []string {
	return []string{
		"pipeline", "read_ratio", "type: pubsub", "stream", "wait", "waitaof", "transaction", "client.autopipeline", "client.library_autopipeline",
		"client.preset", "client.dialer_retries", "client.write_timeout", "client.pool_size", "client.pool_timeout", "client.min_idle_conns",
		"client.min_retry_backoff", "client.max_retry_backoff",
	}
}

// Open implements drive.Library.
func (Library) Open(o drive.ClientOptions) (drive.ClusterClient, error) {
	c := &client{options: o, free: make(chan *one, max(o.Concurrent, 1))}
	for range cap(c.free) {
		c.free <- &one{options: o}
	}
	return c, nil
}

// client is as many clients of the library as there are commands under way at once.
type client struct {
	options drive.ClientOptions
	free    chan *one

	mu     sync.Mutex
	closed bool
	opened []*one
}

// errClosed is the error of a command that comes too late.
var errClosed = named{errors.New("the client is closed"), "closed"}

// Reach implements drive.ClusterClient.
func (c *client) Reach(ctx context.Context) error {
	o := <-c.free
	defer func() { c.free <- o }()
	library, err := c.connect(o)
	if err != nil {
		return err
	}
	for addr, node := range library.Nodes() {
		if err := node.Do(ctx, node.B().Ping().Build()).Error(); err != nil {
			return fmt.Errorf("asking %s: %w", addr, err)
		}
	}
	return nil
}

// connect makes a client of the library, if that is yet to be done.
func (c *client) connect(o *one) (ruei.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, errClosed
	case o.library != nil:
		return o.library, nil
	}
	var err error
	if o.library, err = ruei.NewClient(o.settings()); err != nil {
		o.library = nil
		return nil, err
	}
	c.opened = append(c.opened, o)
	return o.library, nil
}

// Do implements drive.ClusterClient.
func (c *client) Do(ctx context.Context, cmd *drive.Command) {
	o := <-c.free
	defer func() { c.free <- o }()
	cmd.Reply, cmd.Err = nil, nil
	args, err := texts(cmd.Args)
	if err != nil {
		cmd.Err = err
		return
	}
	carried, _ := cmd.Args[len(cmd.Args)-1].(*drive.Write)
	if carried != nil {
		o.begin(carried, args)
	}
	cmd.Reply, cmd.Err = c.do(ctx, o, args, max(cmd.KeyAt, 1))
	if carried != nil {
		o.end(cmd.Err)
	}
}

// do sends a command by the library.
func (c *client) do(ctx context.Context, o *one, args []string, keyAt int) (any, error) {
	library, err := c.connect(o)
	if err != nil {
		return nil, toError(err)
	}
	built := library.B().Arbitrary(args[:keyAt]...)
	if keyAt < len(args) {
		built = built.Keys(args[keyAt]).Args(args[keyAt+1:]...)
	}
	reply, err := library.Do(ctx, built.Build()).ToAny()
	if ruei.IsRedisNil(err) {
		return nil, nil
	}
	return reply, toError(err)
}

// Settings implements drive.ClusterClient: the library does not say.
func (c *client) Settings(context.Context) *record.ClientSettings { return nil }

// Abort implements drive.ClusterClient. Commands end with their connections.
func (c *client) Abort() {
	c.mu.Lock()
	c.closed = true
	opened := c.opened
	c.mu.Unlock()
	for _, o := range opened {
		o.hangUp()
	}
}

// Close implements drive.ClusterClient.
func (c *client) Close() error {
	c.Abort()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range c.opened {
		o.library.Close()
	}
	c.opened = nil
	return nil
}

// one is a client of the library, which has one command under way at most.
type one struct {
	options drive.ClientOptions
	library ruei.Client // nil before it is needed

	mu    sync.Mutex
	conns map[*conn]bool
	// write is what the command under way carries, nil if it carries none, and starts is how
	// its bytes begin on a connection.
	write  *drive.Write
	starts []byte
	// node is the one that was sent it last, and asked the connection that is yet to answer.
	node  *books.NodeAcks
	asked *conn
}

// mostStart is how much of a command it takes to know it by.
const mostStart = 512

// errUnanswered is why nobody knows what came of an attempt.
var errUnanswered = errors.New("sent again, and the attempt before was not answered")

func (o *one) begin(w *drive.Write, args []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write, o.node, o.asked = w, nil, nil
	o.starts = fmt.Appendf(o.starts[:0], "*%d\r\n", len(args))
	for _, arg := range args {
		if o.starts = fmt.Appendf(o.starts, "$%d\r\n%s\r\n", len(arg), arg); len(o.starts) > mostStart {
			o.starts = o.starts[:mostStart]
			break
		}
	}
	w.Attempt()
}

// end enters what came of the last attempt.
func (o *one) end(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended(err)
	o.write, o.asked = nil, nil
}

func (o *one) ended(err error) {
	if o.node == nil && o.options.Node != nil {
		o.node = o.options.Node("") // somebody
	}
	var acked books.AckedOnes
	o.write.Ended(o.node, err, &acked)
	acked.Enter()
}

// sent is told of bytes that are about to be written to a connection.
func (o *one) sent(c *conn, b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.write == nil || !bytes.Contains(b, o.starts) {
		return
	}
	if o.asked != nil {
		o.ended(errUnanswered)
	}
	o.write.Attempt()
	_, _ = o.write.MarshalBinary() // which notes that its bytes are handed over
	o.asked = c
	if o.options.Node != nil {
		o.node = o.options.Node(c.addr)
	}
}

// answered is told what a connection has answered. After an error, such as a redirect, what
// comes next has not been sent yet; anything else may break off, and was applied.
func (o *one) answered(c *conn, b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.write == nil || o.asked != c {
		return
	}
	o.asked = nil
	if b[0] == '-' {
		o.write.Attempt()
	}
}

// hangUp ends all connections.
func (o *one) hangUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.conns {
		_ = c.Conn.Close()
	}
}

// settings are those of the library. It speaks RESP2, in which a server says nothing that it
// was not asked for.
func (o *one) settings() ruei.ClientOption {
	given := o.options.Scenario
	s := ruei.ClientOption{
		InitAddress: o.options.Target.Addrs(), ClientSetInfo: ruei.DisableClientSetInfo,
		DisableAutoPipelining: true, DisableRetry: true, DisableCache: true, AlwaysRESP2: true,
		DialCtxFn: o.dial,
	}
	if given.ReadTimeout != nil {
		s.ConnWriteTimeout = given.ReadTimeout.D()
	}
	if given.MaxRedirects != nil {
		s.ClusterOption.MaxMovedRedirections = *given.MaxRedirects
	}
	if given.ClusterStateReloadInterval != nil {
		s.ClusterOption.ShardsRefreshInterval = given.ClusterStateReloadInterval.D()
	}
	return s
}

// defaultDialTimeout is the library's.
const defaultDialTimeout = ruei.DefaultDialTimeout

func (o *one) dial(ctx context.Context, addr string, _ *net.Dialer, _ *tls.Config) (net.Conn, error) {
	timeout := time.Duration(defaultDialTimeout)
	if given := o.options.Scenario.DialTimeout; given != nil && *given > 0 {
		timeout = given.D()
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	dialled, err := o.options.Target.Dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: dialled, of: o, addr: addr}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.conns == nil {
		o.conns = map[*conn]bool{}
	}
	o.conns[c] = true
	return c, nil
}

// conn is a connection of the library, which is looked at.
type conn struct {
	net.Conn
	of   *one
	addr string
}

func (c *conn) Write(b []byte) (int, error) {
	c.of.sent(c, b)
	return c.Conn.Write(b)
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.of.answered(c, b[:n])
	}
	return n, err
}

func (c *conn) Close() error {
	c.of.mu.Lock()
	delete(c.of.conns, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// texts are arguments as the library has them.
func texts(args []any) ([]string, error) {
	all := make([]string, len(args))
	for i, arg := range args {
		switch a := arg.(type) {
		case string:
			all[i] = a
		case []byte:
			all[i] = string(a)
		case int:
			all[i] = strconv.Itoa(a)
		case int64:
			all[i] = strconv.FormatInt(a, 10)
		case uint64:
			all[i] = strconv.FormatUint(a, 10)
		case *drive.Write:
			all[i] = string(a.Text())
		case encoding.BinaryMarshaler:
			text, err := a.MarshalBinary()
			if err != nil {
				return nil, err
			}
			all[i] = string(text)
		default:
			return nil, fmt.Errorf("an argument is %T, which cannot be sent", arg)
		}
	}
	return all, nil
}

// reply is a server's error reply.
type reply struct{ error }

func (reply) RedisError() {}

// named is an error of the library's own, with its name among the kinds of errors.
type named struct {
	error
	kind string
}

func (e named) ErrorKind() string { return e.kind }
func (e named) Unwrap() error     { return e.error }

// toError is an error of the library as a load has it.
func toError(err error) error {
	_, replied := ruei.IsRedisErr(err)
	switch {
	case err == nil:
		return nil
	case replied:
		return reply{err}
	case errors.Is(err, ruei.ErrClosing):
		return named{err, "closed"}
	case errors.Is(err, ruei.ErrNoSlot):
		return named{err, "no_node"}
	default:
		return err
	}
}
