// Package codec reads Go values from a document, and writes them to one. It is told by yaml tags which
// key is which field.
package codec

import "github.com/redis-chaos/redis-chaos/scenarios/document"

// ScalarUnmarshaler is implemented by types that are written as one scalar and
// read it themselves. The error says what is wrong and what would be right.
// Their String method writes what UnmarshalScalar reads.
type ScalarUnmarshaler interface {
	UnmarshalScalar(text string) error
}

// Defaulted is implemented by settings behind a pointer, which is nil where they are not
// given, that have other defaults than zero.
type Defaulted interface {
	SetDefaults()
}

// Marshaler is implemented by types that are written in a form of their own. [Reads] is
// the reverse.
type Marshaler interface {
	MarshalNode() (*document.Node, error)
}

// OneOrMore is implemented by lists of mappings of which one may stand without the list.
type OneOrMore interface{ OneOrMore() }
