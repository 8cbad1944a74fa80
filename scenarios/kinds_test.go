package scenarios

import "testing"

func TestNamesOfKinds(t *testing.T) {
	for method, want := range map[string]string{"Kill": "kill", "DiskFull": "disk_full"} {
		if got := kindName(method); got != want {
			t.Errorf("%s: %q, want %q", method, got, want)
		}
	}
}
