// Package nfqueue is a queue of netfilter's: packets that wait for a verdict of this process. It is
// one socket that is read and written without a goroutine in between, so that whoever holds packets
// back can wait for packets and for a moment at once. It is for Linux alone.
package nfqueue
