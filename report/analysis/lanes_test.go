package analysis

import (
	"reflect"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
)

func TestShortSpansAreJoined(t *testing.T) {
	of := func(answer string, from, to record.Millis, count int64) report.Span {
		return report.Span{From: from, To: to, Answers: map[string]int64{answer: count}}
	}
	spans := []report.Span{of("ack", 0, 100, 20), of("reset", 101, 101, 1), of("clusterdown", 102, 103, 2), of("reset", 104, 104, 1), of("ack", 105, 300, 40)}
	got := joined(spans, 5)
	want := []report.Span{spans[0], {From: 101, To: 104, Answers: map[string]int64{"reset": 2, "clusterdown": 2}}, spans[4]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if all := joined(spans, 0); len(all) != 5 {
		t.Errorf("where none is too short, %d spans are left of 5", len(all))
	}
}
