//go:build !linux

package userns

import "errors"

var errNeedsLinux = errors.New("namespaces need Linux")

// Run fails.
func Run(string, []string) (int, error) { return 0, errNeedsLinux }

// SetUp fails.
func SetUp(string) error { return errNeedsLinux }
