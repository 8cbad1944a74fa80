//go:build !linux

package netdev

import "net/netip"

// Only on Linux are containers dialled by their own addresses as a rule.
func bindToDevice(int, string) error { return nil }

func bindToAddr(int, netip.Addr) error { return nil }
