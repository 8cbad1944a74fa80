package disk

import (
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	fsync := Match{Ops: []Op{OpFsync}}
	for _, row := range []struct {
		fault Fault
		want  string // in the error; empty if there is none
	}{
		{Fault{}, "empty"},
		{Fault{ReadOnly: true}, ""},
		{Fault{Full: &Full{}}, ""},
		{Fault{Full: &Full{Bytes: -1}}, "-1 bytes"},
		{Fault{Fail: &Fail{Match: fsync}}, ""},
		{Fault{Fail: &Fail{}}, "no operation"},
		{Fault{Fail: &Fail{Match: Match{Ops: []Op{"sync"}}}}, `"sync"`},
		{Fault{Fail: &Fail{Match: Match{Ops: []Op{OpFsync}, Names: []string{"[a"}}}}, "[a"},
		{Fault{Fail: &Fail{Match: fsync, Probability: 1.5}}, "1.5"},
		{Fault{Slow: &Slow{Match: fsync}}, "delay"},
		{Fault{Slow: &Slow{Match: fsync, Delay: time.Second, Jitter: -1}}, "jitter"},
		{Fault{Slow: &Slow{Match: fsync, Delay: time.Second}}, ""},
	} {
		err := row.fault.Check()
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: %v, want %q", row.fault, err, row.want)
		}
	}
}
