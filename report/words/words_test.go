package words

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestNumbersForPeople(t *testing.T) {
	for ms, want := range map[float64]string{0: "0 ms", 0.417: "0.42 ms", 12: "12 ms", 999.6: "1.00 s", 6431: "6.43 s", 125_000: "2 m 5 s", -12: "-12 ms"} {
		if got := Duration(record.Millis(ms)); got != want {
			t.Errorf("%v: %s, want %s", ms, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := Count(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestMasters(t *testing.T) {
	for want, got := range map[string]string{
		"3 masters with 1 replica each":               Masters(3, 1, nil),
		"3 masters with 0 replicas each":              Masters(3, 0, nil),
		"3 masters, with replicas by shard: 2, 0, 10": Masters(3, 10, []int{2, 0, 10}),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
