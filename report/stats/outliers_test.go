package stats

import (
	"slices"
	"testing"
)

func TestOutliers(t *testing.T) {
	for name, test := range map[string]struct {
		values []Value
		want   []int
	}{
		"few":                 {values(1, 1, 1, 99), nil},
		"none":                {values(1, 2, 3, 4, 5, 6, 7, 8, 9), nil},
		"one":                 {values(10, 11, 12, 99, 13, 14), []int{3}},
		"both sides":          {values(50, 51, 52, 53, 54, 55, 56, 57, 0, 99), []int{8, 9}},
		"never":               {values(10, 11, 12, 13, never, 14), []int{4}},
		"never in half":       {values(10, never, 12, never, 14, never), nil},
		"never in all":        {values(never, never, never, never, never), nil},
		"the one that came":   {values(never, never, 3, never, never, never, never, never, never, never), []int{2}},
		"the one with a loss": {values(0, 0, 0, 0, 7, 0, 0, 0, 0, 0), []int{4}},
		"losses in two":       {values(0, 0, 0, 0, 7, 0, 0, 9, 0, 0), nil},
	} {
		if got := Outliers(test.values); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
