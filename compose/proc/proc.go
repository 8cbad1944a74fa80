// Package proc changes what processes of this machine have of it, by their ids and whoever started them: how
// many files they can open, and the CPU that they run on. What is changed ends with the process.
// It takes Linux, and the right to change the process: it is the same user's, or the caller is root.
package proc

import "time"

// Usage is how long a process ran on CPUs, and waited for one while it had something to do.
type Usage struct{ Ran, Waited time.Duration }
