package workload

// source is the commands that read back what a key holds, in order where the
// key has one.
type source interface {
	// ask is the command for what comes at a cursor, which is zero at first.
	ask(key string, at cursor) *Command
	// answer is the values in the reply to the command for a cursor, and the next cursor,
	// zero at the end.
	answer(reply any, at cursor) (values []string, next cursor, err error)
	// width is how many keys to ask for in one pipeline.
	width() int
}

// cursor is a place within a key. What its numbers mean is the source's.
type cursor struct{ hi, lo uint64 }
