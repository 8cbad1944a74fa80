package observe

import (
	"net"
	"time"

	"github.com/redis-chaos/redis-chaos/compose"
)

const (
	// dialPatience is how long an attempt to connect may take, and enterPatience what is said first on a connection
	// that is made.
	dialPatience  = 500 * time.Millisecond
	enterPatience = 2 * time.Second
	// redialPace is the time between two attempts to connect to a node that does
	// not answer them. Each attempt sends its own SYN, so that a node that comes
	// back is found after this time and not when TCP tries again.
	redialPace = 25 * time.Millisecond
	// maxDials is how many attempts may be under way at once.
	maxDials = int(dialPatience / redialPace)
	// maxEntering is how many of them may be let in at once, where there is something to say first.
	maxEntering = 3
)

// link is a connection to a node, made again when it is lost.
type link struct {
	to        string        // the node, whose address may change
	entering  chan struct{} // holds as many as are being let in
	transport transport     // nil while there is none
	dials     int           // under way
	lastDial  time.Time
}

func newLink(node string) link { return link{to: node, entering: make(chan struct{}, maxEntering)} }

func (l *link) node() string { return l.to }

func (l *link) attempts() compose.Attempts {
	return compose.Attempts{Connect: dialPatience, Turns: l.entering}
}

// wanting tells whether it is time for an attempt to connect, and counts it.
func (l *link) wanting(now time.Time) bool {
	if l.transport != nil || l.dials == maxDials || (l.dials > 0 && now.Sub(l.lastDial) < redialPace) {
		return false
	}
	l.dials++
	l.lastDial = now
	return true
}

// take takes the connection that an attempt has made, if it is the first to get
// through. Its error is that there is still none.
func (l *link) take(conn net.Conn, err error) error {
	l.dials--
	switch {
	case err != nil:
	case l.transport == nil:
		l.transport, err = newTransport(conn)
	default:
		conn.Close()
	}
	if l.transport != nil {
		return nil
	}
	return err
}

func (l *link) drop() {
	if l.transport != nil {
		l.transport.close()
		l.transport = nil
	}
}
