// Package proc changes what processes of this machine have of it, by their ids and whoever started them: how
// many files they can open, and the CPU that they run on. What is changed ends with the process.
// It takes Linux, and the right to change the process: it is the same user's, or the caller is root.
package proc
