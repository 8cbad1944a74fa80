//go:build !linux

package thread

// Run needs no thread of its own where processes don't die with one.
func Run(f func() error) error { return f() }
