package record

import (
	"encoding/json"
	"testing"
)

// What was found of parts is summed up; what one of them cannot tell is not made up.
func TestVerifiedAdd(t *testing.T) {
	n := func(n int64) *int64 { return &n }
	parts := []*Verified{
		{Name: "set", Checked: 10, Lost: 2, LostByShard: map[int]int64{0: 2}, LossWindow: &[2]Millis{5, 9}, UnackedApplied: 1, Losses: []Loss{{Count: 2}}},
		{Name: "list", Checked: 20, Lost: 1, LostByShard: map[int]int64{1: 1}, LossWindow: &[2]Millis{3, 3}, Duplicated: n(4), OutOfOrder: n(0), Foreign: 2, Error: "two are gone"},
		{Name: "hash", Checked: 5, FailedApplied: 3, Unverified: 6, Error: "no master"},
	}
	for name, test := range map[string]struct {
		parts []*Verified
		want  string
	}{
		"dated": {parts, `{"name":"w","checked":35,"lost":3,"lost_by_shard":{"0":2,"1":1},"losses":[{"client":0,"shard":0,"first_ms":0,"last_ms":0,"count":2}],"loss_window_ms":[3,9],"unacked_applied":1,"failed_applied":3,"duplicated":4,"out_of_order":0,"foreign":2,"unverified":6,"error":"list: two are gone; hash: no master"}`},
		"undated": {
			append([]*Verified{{Name: "counter", Lost: 1}}, parts[:1]...),
			`{"name":"w","checked":10,"lost":3,"lost_by_shard":{"0":2},"losses":[{"client":0,"shard":0,"first_ms":0,"last_ms":0,"count":2}],"loss_window_ms":null,"unacked_applied":1}`,
		},
	} {
		v := &Verified{Name: "w"}
		for _, p := range test.parts {
			v.Add(p)
		}
		if len(v.Parts) != len(test.parts) {
			t.Errorf("%s: %d parts", name, len(v.Parts))
		}
		v.Parts = nil
		got, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", name, got, test.want)
		}
	}
}
