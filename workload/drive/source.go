package drive

// Source is the commands that read back what a key holds, in order where the
// key has one.
type Source interface {
	// Ask is the command for what comes at a cursor, which is zero at first.
	Ask(key string, at Cursor) *Command
	// Answer is the values in the reply to the command for a cursor, and the next cursor,
	// zero at the end.
	Answer(reply any, at Cursor) (values []string, next Cursor, err error)
	// Width is how many keys to ask for in one pipeline.
	Width() int
}

// Cursor is a place within a key. What its numbers mean is the source's.
type Cursor struct{ Hi, Lo uint64 }
