package docker

import (
	"errors"
	"testing"
	"time"
)

// The other clock is 250 ms ahead, and is read somewhere on the way.
func TestQuickestAnswerTellsTheOffset(t *testing.T) {
	const ms = time.Millisecond
	now := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	ways := []struct{ there, back time.Duration }{{30 * ms, 10 * ms}, {1 * ms, 3 * ms}, {80 * ms, 0}, {3 * ms, 2 * ms}}
	i := 0
	offset, within, err := quickest(len(ways), func() time.Time { return now }, func() (time.Time, error) {
		way := ways[i]
		i++
		now = now.Add(way.there)
		at := now.Add(250 * ms)
		now = now.Add(way.back)
		return at, nil
	})
	if err != nil || offset != 249*ms || within != 2*ms {
		t.Errorf("%s, within %s, %v", offset, within, err)
	}
	broken := errors.New("broken")
	if _, _, err := quickest(3, time.Now, func() (time.Time, error) { return now, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// An engine that takes its time is asked only until clockTime is over.
func TestSlowAnswersAreFew(t *testing.T) {
	now, asked := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), 0
	_, within, err := quickest(clockSamples, func() time.Time { return now }, func() (time.Time, error) {
		asked++
		now = now.Add(clockTime / 2)
		return now, nil
	})
	if err != nil || asked != 3 || within != clockTime/4 {
		t.Errorf("asked %d times, within %s, %v", asked, within, err)
	}
}
