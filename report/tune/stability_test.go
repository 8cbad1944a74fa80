package tune

import "testing"

// Two sweeps of one cluster recommend the same value, or two next to each other, where what the
// lower one survives is not known well enough.
func TestTwoSweepsAgree(t *testing.T) {
	const pairs = 60 // each of a sweep and the next
	values := []string{"500ms", "1s", "2s", "5s", "15s"}
	sweep := func(seed uint64) *Tune {
		s := simulate(seed).sweep(values...)
		s.Decide()
		return s
	}
	same := 0
	a := sweep(0)
	for i := range uint64(pairs) {
		b := sweep(i + 1)
		first, second := a.recommended(), b.recommended()
		lower := min(first, second)
		switch {
		case first == second && first >= 0:
			same++
		case lower < 0 || max(first, second)-lower > 1:
			t.Errorf("pair %d: %q and %q", i, a.Recommendation.Sentence, b.Recommendation.Sentence)
		default:
			one, other := a.Points[lower].tolerance(), b.Points[lower].tolerance()
			if one.exceeds(*other) || other.exceeds(*one) {
				t.Errorf("pair %d: %s survives %s, and %s", i, values[lower], one.text(), other.text())
			}
		}
		a = b
	}
	if same < pairs*8/10 {
		t.Errorf("%d of %d pairs recommend the same value", same, pairs)
	}
	t.Logf("%d of %d pairs recommend the same value", same, pairs)
}

// exceeds tells whether all of an interval is above another.
func (t tolerance) exceeds(o tolerance) bool {
	return t.ci[0] != nil && o.ci[1] != nil && *t.ci[0] > *o.ci[1]
}
