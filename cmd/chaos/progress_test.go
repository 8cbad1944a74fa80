package main

import "testing"

// A status that took two lines could not be taken off the terminal again.
func TestCutStatus(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"1234567890", 0, "1234567890"},
		{"1234567890", 11, "1234567890"},
		{"1234567890", 10, "12345678…"},
		{"äöüßäöüß", 6, "äöüß…"},
	} {
		if got := cut(test.text, test.width); got != test.want {
			t.Errorf("%q in %d: %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
