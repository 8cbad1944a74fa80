package drive

// Command is one command to the cluster, and what came of it. The client that is given it
// fills in Reply and Err.
type Command struct {
	// Args are its name and its arguments: strings, whole numbers, []byte, and whatever
	// marshals itself. A [Write] that it carries is the last of them, and every attempt that
	// the client library makes at it is to be told to that.
	Args []any
	// KeyAt is which of the arguments is the key, if it is not the first after the name.
	KeyAt int
	// Reply is what was answered: nil, int64, string, or []any of these.
	Reply any
	// Err is nil if there was an answer that is no error, a nil among them.
	Err error
	// Kept is the library's own. It stays with the command while that is sent again with
	// other arguments in the same slice.
	Kept any
}

// NewCommand is a command of its own.
func NewCommand(args ...any) *Command { return &Command{Args: args} }

// null tells whether the answer is nil.
func (c *Command) null() bool { return c.Err == nil && c.Reply == nil }
