package analysis

import (
	"reflect"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A node that became another one to the cluster, or got another address, is told of, each once.
func TestIdentityNotices(t *testing.T) {
	started := sample.Started()
	run := started.Data.(*record.RunStarted)
	run.Nodes = []record.Node{{Name: "a", ID: "1", Address: "a:6379"}, {Name: "b", ID: "2", Address: "b:6379"}}
	events := append(sample.AFailover(), sample.At(5000, &record.Identity{Node: "a", ID: "3", Address: "a:6379"}),
		sample.At(6000, &record.Identity{Node: "a", ID: "3", Address: "c:6379"}), sample.At(7000, &record.Identity{Node: "b", ID: "4", Address: "d:6379"}))
	events[0] = started
	r := Analyze(sample.OneFault(), events)
	var got []string
	for _, n := range r.Notices {
		if n.Kind == report.NoticeNewID || n.Kind == report.NoticeNewAddress {
			got = append(got, prose.Notice(r, n))
		}
	}
	want := []string{
		"a is another node to the cluster from 5.00 s on: its ID is 3.", "a is at c:6379 from 6.00 s on.",
		"b is another node to the cluster from 7.00 s on: its ID is 4.", "b is at d:6379 from 7.00 s on.",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
