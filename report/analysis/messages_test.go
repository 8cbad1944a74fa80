package analysis

import (
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// What was not judged is not measured, and is no 0.
func TestMessagingUnknown(t *testing.T) {
	events := sample.MessagingEvents()
	for _, e := range events {
		if c, ok := e.Data.(*record.Consumed); ok {
			c.Groups[0].Undelivered, c.Groups[0].Error = nil, "1 streams could not be read"
		}
	}
	r := Analyze(sample.Messaging(t, "undelivered", "0", "redelivered", "9"), events)
	if e := r.Expectations; e[0].OK || *e[0].Reason != (report.Reason{Why: report.WhyGroupUnread, Group: "group-0", Workload: "jobs", Text: "1 streams could not be read"}) || !e[1].OK {
		t.Errorf("%+v", e)
	}
	var unjudged []record.Event // as after a crash
	for _, e := range events {
		switch e.Data.(type) {
		case *record.Heard, *record.Consumed, *record.RunEnded:
		default:
			unjudged = append(unjudged, e)
		}
	}
	r = Analyze(sample.Messaging(t, "undelivered", "0", "missed_messages", "0"), unjudged)
	if e := r.Expectations; e[0].OK || e[0].Got != nil || e[1].OK || e[1].Got != nil {
		t.Errorf("%+v", e)
	}
	receivers := slices.ContainsFunc(r.Notices[0].Lacks, func(l report.Lack) bool {
		return l.What == report.LackReceivers && slices.Equal(l.Workloads, []string{"news", "jobs"})
	})
	if r.Notices[0].Kind != report.NoticeRecordEnds || !receivers {
		t.Errorf("%+v", r.Notices)
	}
}
