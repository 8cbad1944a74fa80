package drive

import "context"

// Driver is what the clients of a load do. Those that also implement [Sender] can have
// their writes travel in lanes.
type Driver interface {
	// Drive is the life of one client: it ends with the session or with ctx,
	// and what it sends ends with sending.
	Drive(ctx, sending context.Context, load *Load, s *Session, c *Client)
}

// Receiving is a driver that does something of its own beside its clients: others
// read what they write while they write it.
type Receiving interface {
	// StartReceivers begins with it, before anything is written. The function that it
	// returns ends it, after the last write has, within seconds.
	StartReceivers(ctx context.Context, load *Load) (leave func(), err error)
}
