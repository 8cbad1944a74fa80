package slots

import "testing"

func TestOf(t *testing.T) {
	// What CLUSTER KEYSLOT says.
	for key, want := range map[string]int{
		"": 0, "foo": 12182, "bar": 5061, "{foo}bar": 12182, "123456789": 12739,
	} {
		if got := Of(key); got != want {
			t.Errorf("%q: got %d, want %d", key, got, want)
		}
	}
}
