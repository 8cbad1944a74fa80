// Package traffic says what becomes of packets in one network namespace.
package traffic
