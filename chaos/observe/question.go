package observe

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/view"
	"github.com/redis-chaos/redis-chaos/report/record"
)

const (
	// askPatience is how long a node may take to answer a question.
	askPatience = 500 * time.Millisecond
	// countPace is the time between two questions that ask for a node's counters, too.
	countPace = time.Second
)

// question keeps asking one node for its view, and now and then for its counters as
// well, over a connection of its own.
type question struct {
	link
	views    *views
	view     wording
	counters wording   // of the view, and of the counters
	next     time.Time // when it is due
	count    time.Time // when its counters are
	counted  time.Time // when it was last asked for them

	asked   time.Time // when it was sent; zero while none waits for its answer
	awaited int       // replies
	replies []byte    // what has come of the answer
}

// wording is commands as they are sent.
type wording struct {
	text     []byte
	commands int
}

func wordingOf(commands [][]string) wording {
	var text bytes.Buffer
	for _, command := range commands {
		fmt.Fprintf(&text, "*%d\r\n", len(command))
		for _, word := range command {
			fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(word), word)
		}
	}
	return wording{text.Bytes(), len(commands)}
}

// questions makes a question to every node. They are spread over the pace, so that
// the nodes are not all asked at once.
func (o *views) questions() []polled {
	views, counters := wordingOf(view.Commands()), wordingOf(slices.Concat(view.Commands(), view.CounterCommands()))
	now := time.Now()
	spread := func(pace time.Duration, i int) time.Time {
		return now.Add(pace * time.Duration(i) / time.Duration(len(o.nodes)))
	}
	var all []polled
	for i, n := range o.nodes {
		all = append(all, &question{
			link: newLink(n.Name), views: o, view: views, counters: counters,
			next: spread(o.pace(), i), count: spread(countPace, i),
		})
	}
	return all
}

// tick implements polled.
func (q *question) tick() (dial bool) {
	q.receive()
	now := time.Now()
	switch {
	case q.transport == nil:
	case !q.asked.IsZero() && now.Sub(q.asked) > askPatience:
		q.lose()
	case q.asked.IsZero() && now.After(q.next):
		q.ask(now)
	}
	return q.wanting(now)
}

func (q *question) ask(now time.Time) {
	q.asked, q.next = now, now.Add(q.views.pace())
	wording := q.view
	if due := q.views.rec.Time(record.Millis(float64(q.views.recount.Load()) / 1000)); now.After(q.count) || q.counted.Before(due) {
		q.counted = now
		wording, q.count = q.counters, now.Add(countPace)
	}
	q.awaited = wording.commands
	if err := q.transport.send(wording.text); err != nil {
		q.lose()
	}
}

// dialled implements polled.
func (q *question) dialled(conn net.Conn, err error) {
	if err := q.take(conn, err); err != nil {
		q.views.lost(q.to, time.Now())
	}
}

// lose gives up the connection and the question that waits on it.
func (q *question) lose() {
	q.drop()
	q.views.lost(q.to, time.Now())
	q.asked, q.replies = time.Time{}, q.replies[:0]
}

// flush implements polled: every change is recorded when it is seen.
func (q *question) flush(record.Millis) {}

// end implements polled.
func (q *question) end() { q.drop() }

// maxReplies bounds what a node can make this program hold, in bytes.
const maxReplies = 16 << 20

// receive takes in what has come of the answer.
func (q *question) receive() {
	for q.transport != nil && !q.asked.IsZero() {
		if cap(q.replies)-len(q.replies) < 4<<10 {
			q.replies = append(make([]byte, 0, 2*cap(q.replies)+16<<10), q.replies...)
		}
		n, at, err := q.transport.receive(q.replies[len(q.replies):cap(q.replies)])
		switch {
		case err != nil:
			q.lose()
			return
		case n == 0:
			return
		}
		q.replies = q.replies[:len(q.replies)+n]
		started := time.Now()
		replies, err := bulkStrings(q.replies, q.awaited)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF) && len(q.replies) < maxReplies:
			continue
		case err != nil:
			q.lose()
			return
		}
		asked := q.asked
		q.asked, q.replies = time.Time{}, q.replies[:0]
		q.views.answered(q.to, asked, at, replies)
		q.views.spent(time.Since(started))
	}
}

// bulkStrings reads so many bulk strings. io.ErrUnexpectedEOF: more has to come.
func bulkStrings(text []byte, count int) ([]string, error) {
	replies := make([]string, 0, count)
	for range count {
		header, rest, whole := bytes.Cut(text, []byte("\r\n"))
		if !whole {
			return nil, io.ErrUnexpectedEOF
		}
		if len(header) == 0 || header[0] != '$' {
			return nil, fmt.Errorf("a bulk string was expected, and %q came", header)
		}
		length, err := strconv.Atoi(string(header[1:]))
		if err != nil || length < 0 || length > maxReplies {
			return nil, fmt.Errorf("a bulk string of length %q", header[1:])
		}
		if len(rest) < length+len("\r\n") {
			return nil, io.ErrUnexpectedEOF
		}
		replies = append(replies, string(rest[:length]))
		text = rest[length+len("\r\n"):]
	}
	return replies, nil
}
