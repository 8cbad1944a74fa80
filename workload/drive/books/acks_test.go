package books

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestAckSpan(t *testing.T) {
	var s ackSpan
	for _, ms := range []record.Millis{10, 20, 69.9} {
		if over := s.enter(ms, 1); over.count != 0 {
			t.Errorf("at %v a row ended: %+v", ms, over)
		}
	}
	if over := s.enter(119.9, 1); over != (ackSpan{10, 69.9, 3}) {
		t.Errorf("got %+v", over)
	}
	if s != (ackSpan{119.9, 119.9, 1}) {
		t.Errorf("the new row: %+v", s)
	}
	// A row that is recorded in parts has no gap between them, and none is empty.
	if part := s.cut(); part != (ackSpan{119.9, 119.9, 1}) {
		t.Errorf("the first part: %+v", part)
	}
	s.enter(130, 1)
	if part := s.cut(); part != (ackSpan{119.9, 130, 1}) {
		t.Errorf("the second part: %+v", part)
	}
	if over := s.enter(200, 1); over.count != 0 || s != (ackSpan{200, 200, 1}) {
		t.Errorf("after a silence: %+v ended, %+v began", over, s)
	}
}
