package observed

import (
	"fmt"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A program that is run again for a moment only has not caught up.
func TestHolesThatLieCloseTogether(t *testing.T) {
	for name, test := range map[string]struct {
		starved []record.Millis // when, and for how long
		want    string
	}{
		"one":             {[]record.Millis{2000, 600}, "[{1400 2000}]"},
		"short ones":      {[]record.Millis{2000, 300, 2700, 300}, "[]"},
		"close together":  {[]record.Millis{2000, 300, 2390, 300}, "[]"},
		"after a long":    {[]record.Millis{2000, 1000, 2500, 410}, "[{1000 2500}]"},
		"long after that": {[]record.Millis{2000, 1000, 2600, 410}, "[{1000 2000}]"},
		"within another":  {[]record.Millis{2000, 1000, 2010, 900}, "[{1000 2010}]"},
	} {
		events := []record.Event{sample.Started()}
		for i := 0; i < len(test.starved); i += 2 {
			events = append(events, sample.At(test.starved[i], &record.Starved{For: test.starved[i+1]}))
		}
		if got := fmt.Sprint(holesOf(Arrange(events))); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
