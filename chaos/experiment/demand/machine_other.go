//go:build !linux

package demand

// ThisMachine is not known here, and so nothing is too much for it.
func ThisMachine() Machine { return unlimited() }

// BusySeconds is not known here.
func BusySeconds() (seconds float64, ok bool) { return 0, false }
