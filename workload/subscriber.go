package workload

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/workload/drive"
	"github.com/redis-chaos/redis-chaos/workload/drive/failure"
	"github.com/redis-chaos/redis-chaos/workload/history"
	"github.com/redis-chaos/redis-chaos/workload/keyspace"
)

// How the loop below behaves is how go-redis's own PubSub.Channel does, which
// applications use, with its defaults.
const (
	checkPause   = 3 * time.Second        // a connection that is silent for so long is pinged
	checkTime    = 5 * time.Second        // for how long
	failurePause = 100 * time.Millisecond // after a second failure in a row
)

// subscriber listens to all channels, through a cluster client of its own.
type subscriber struct {
	client    drive.ClusterClient
	channels  []string
	index     map[string]int // of channels
	size      keyspace.Sizes
	channelOf func(client int, n uint32) int
	now       func() record.Millis
	feeds     []*feed

	mu       sync.Mutex // guards what follows
	received history.Received
	errors   failure.Tally
	heardAt  record.Millis // when something was heard last
	cause    error         // of the last failure
	closing  bool
}

func newSubscriber(load *drive.Load, size keyspace.Sizes, channelOf func(int, uint32) int, now func() record.Millis) (*subscriber, error) {
	s := &subscriber{
		channels: load.Keys, index: map[string]int{}, size: size, channelOf: channelOf, now: now,
		received: history.NewReceived(len(load.Clients), len(load.Keys)),
	}
	for i, channel := range load.Keys {
		s.index[channel] = i
	}
	var err error
	if s.client, err = load.Library.Open(drive.ClientOptions{Target: fed{load.Target}, Scenario: load.Spec.Client}); err != nil {
		return nil, err
	}
	if _, ok := s.client.(drive.Subscribing); !ok {
		_ = s.client.Close()
		return nil, errors.New("this client library does not subscribe; take another one")
	}
	return s, nil
}

// fed is a cluster to a subscriber: it tells the connections of feeds from others.
type fed struct{ drive.Target }

// Dial implements Target.
func (t fed) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := t.Target.Dial(ctx, network, addr)
	if f, ok := ctx.Value(feedKey{}).(*feed); ok && err == nil {
		conn = feedConn{conn, f}
	}
	return conn, err
}

// subscribe makes the feeds. Channels of different slots cannot share a sharded
// one; a classic one takes them all, and is with the master of any of their slots.
func (s *subscriber) subscribe(ctx context.Context, sharded bool) []*feed {
	client := s.client.(drive.Subscribing)
	if !sharded {
		f := s.feed(s.channels)
		f.subscription = client.Subscribe(f.mark(ctx), false, s.channels...)
		return s.feeds
	}
	for _, channel := range s.channels {
		f := s.feed([]string{channel})
		f.subscription = client.Subscribe(f.mark(ctx), true, channel)
	}
	return s.feeds
}

func (s *subscriber) feed(channels []string) *feed {
	f := &feed{of: s, heard: make(chan struct{}, 1)}
	for _, channel := range channels {
		f.channels = append(f.channels, s.index[channel])
	}
	s.feeds = append(s.feeds, f)
	return f
}

func (s *subscriber) close() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	for _, f := range s.feeds {
		_ = f.subscription.Close()
	}
	_ = s.client.Close()
}

// missing is how many channels it is not subscribed to, and the last reason.
func (s *subscriber) missing() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received.Off(), s.cause
}

// latest is when something was heard last, in ms.
func (s *subscriber) latest() record.Millis {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heardAt
}

// feed is one PubSub of a subscriber, and so one connection at a time.
type feed struct {
	of           *subscriber
	channels     []int
	subscription drive.Subscription
	heard        chan struct{} // that something was, for the health check
}

// feedKey marks the context of a feed, by which its connections are told from
// others of the client.
type feedKey struct{}

func (f *feed) mark(ctx context.Context) context.Context {
	return context.WithValue(ctx, feedKey{}, f)
}

// feedConn is a connection of a feed. It tells when it ends, which the library
// tells only once it has tried to make another one.
type feedConn struct {
	net.Conn
	feed *feed
}

func (c feedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && !failure.IsTimeout(err) {
		c.feed.broke()
	}
	return n, err
}

func (c feedConn) Close() error {
	c.feed.broke()
	return c.Conn.Close()
}

// listen receives until ctx ends and the feed is closed.
func (f *feed) listen(ctx context.Context) {
	marked := f.mark(ctx)
	for failures := 0; ctx.Err() == nil; {
		got, err := f.subscription.Receive(marked)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			f.failed(err)
			if failures++; failures > 1 && !alarm.Sleep(ctx, failurePause) {
				return
			}
			continue
		}
		failures = 0
		select {
		case f.heard <- struct{}{}:
		default:
		}
		f.got(got)
	}
}

// check pings a connection that has been silent. The ping is only sent: it fails
// if the connection is known to be broken, and the library then makes another.
func (f *feed) check(ctx context.Context) {
	marked := f.mark(ctx)
	timer := time.NewTimer(checkPause)
	defer timer.Stop()
	for {
		timer.Reset(checkPause)
		select {
		case <-ctx.Done():
			return
		case <-f.heard:
		case <-timer.C:
			pinging, cancel := context.WithTimeout(marked, checkTime)
			if err := f.subscription.Ping(pinging); err != nil && ctx.Err() == nil {
				f.failed(err)
			}
			cancel()
		}
	}
}

// got takes in what a connection brought.
func (f *feed) got(m drive.Received) {
	s := f.of
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	channel, known := s.index[m.Channel]
	switch m.Kind {
	case drive.MessageReceived:
		s.heardAt = now
		client, n, ok := keyspace.ParseValue(m.Payload, s.size)
		if !known || !ok || client >= len(s.received.Arrivals) || s.channelOf(client, n) != channel {
			s.received.Foreign++
			return
		}
		s.received.Message(client, n, now)
	case "subscribe", "ssubscribe":
		if known {
			s.received.Subscribed(channel, now)
		}
	case "unsubscribe", "sunsubscribe":
		if known {
			s.received.Unsubscribed(channel, now)
		}
	}
}

// broke notes that the feed's connection has ended.
func (f *feed) broke() {
	s := f.of
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.received.Broke(f.channels, s.now())
	}
}

// failed notes an error of the feed. That of a reply is a refused subscription.
func (f *feed) failed(err error) {
	s := f.of
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cause = err
	o := history.Indeterminate
	if failure.IsReply(err) {
		s.received.Refused++
		o = history.Failed
	}
	s.errors.Add(o, err, s.now())
}
