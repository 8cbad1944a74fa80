package history

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// A key is replaced by a fresh one in the same slot when it was answered on often
// enough, whatever else was tried on it.
func TestGenerations(t *testing.T) {
	for _, base := range []string{"run:w:7", "{run:w}:7"} {
		if first, other := GenerationKey(base, 0), GenerationKey(base, 12); first == other || slots.Of(first) != slots.Of(base) || slots.Of(other) != slots.Of(base) {
			t.Errorf("%s: %s and %s", base, first, other)
		}
	}
	var k Key
	first := k.Join(3)
	for range 9 {
		k.Answer(first, 10)
	}
	if k.Join(3) != first || first.Key != 3 || first.Number != 0 {
		t.Errorf("a generation ended after 9 of 10 answers")
	}
	k.Answer(first, 10)
	second := k.Join(3)
	k.Answer(first, 10) // it was called before the end of the first
	if second == first || second.Number != 1 || k.answered != 0 || k.Join(3) != second {
		t.Errorf("after 11 answers of 10: %d answers in %d", k.answered, second.Number)
	}
}
