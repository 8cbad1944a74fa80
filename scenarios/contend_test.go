package scenarios

import (
	"reflect"
	"testing"
	"time"
)

// Locks and linearizable keys are few by default, and their settings are filled in.
func TestContentionDefaults(t *testing.T) {
	s, err := Parse("f.yaml", []byte(minimal+`workloads:
  - {name: a, type: lock}
  - {name: b, type: lock, keys: 3, lock: {hold: 4s}}
  - {name: c, type: linearizable}
  - {name: d, type: linearizable, linearizable: {ops_per_key: 50}}
`), fakeCatalog(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const second = Duration(time.Second)
	for i, want := range []Workload{
		{Keys: 16, Lock: &Lock{10 * second, second / 20}},
		{Keys: 3, Lock: &Lock{10 * second, 4 * second}},
		{Keys: 16, Linearizable: &Linearizable{200, 30 * second}},
		{Keys: 16, Linearizable: &Linearizable{50, 30 * second}},
	} {
		if w := s.Workloads[i]; w.Keys != want.Keys || !reflect.DeepEqual(w.Lock, want.Lock) || !reflect.DeepEqual(w.Linearizable, want.Linearizable) {
			t.Errorf("workload %s: %+v", w.Name, w)
		}
	}
}
