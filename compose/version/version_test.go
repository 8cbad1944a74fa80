package version

import "testing"

func TestOlder(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1.21.0", "1.27.0", true}, {"1.29.2", "1.27.0", false}, {"2.0", "1.27.0", false}, {"1.27", "1.27.0", false}, {"6.2.14", "7.0.0", true}, {"10.0.1", "7.0.0", false},
		{"7.2.0-rc1", "7.2", false}, {"7.1.9-rc1", "7.2", true}, {"8.1.1.5", "8.1.1", false}, {"unstable", "6.2", true}, {"", "0", true},
	} {
		if got := Older(test.a, test.b); got != test.want {
			t.Errorf("%s older than %s: %v", test.a, test.b, got)
		}
	}
}
