//go:build !linux

package journaltest

// again has nothing to do: root's journal is where that of any user is.
func again(string, string, string) error { return nil }
