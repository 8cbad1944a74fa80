package slots

import "testing"

// The shares that redis-cli --cluster create deals out.
func TestShare(t *testing.T) {
	for i, want := range []string{"0-5460", "5461-10922", "10923-16383"} {
		if got := Share(i, 3).String(); got != want {
			t.Errorf("shard %d of 3: %s, want %s", i, got, want)
		}
	}
	for masters := 3; masters <= 30; masters++ {
		next := 0
		for shard := range masters {
			r := Share(shard, masters)
			if r.First != next || r.Last < r.First {
				t.Fatalf("%d masters, shard %d: %s, want it to start at %d", masters, shard, r, next)
			}
			next = r.Last + 1
		}
		if next != Count {
			t.Errorf("%d masters share %d slots", masters, next)
		}
	}
}

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
