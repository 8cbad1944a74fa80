package report

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios"
)

// messaging is a scenario with subscribers and consumer groups, and what it expects.
func messaging(t *testing.T, expect ...string) *scenarios.Scenario {
	s := oneFault()
	s.Workloads = append(s.Workloads,
		scenarios.Workload{Name: "news", Type: "pubsub", Spec: scenarios.Traits{scenarios.CountsMissed}},
		scenarios.Workload{Name: "jobs", Type: "stream", Spec: scenarios.Traits{scenarios.HasGroups}})
	for i := 0; i < len(expect); i += 2 {
		e, err := scenarios.ParseExpectation(expect[i], expect[i+1])
		if err != nil {
			t.Fatal(err)
		}
		s.Expect = append(s.Expect, e)
	}
	return s
}

// messagingEvents is a failover with two subscribers and two consumer groups.
func messagingEvents() []record.Event {
	deaf, none, five := 4520.0, int64(0), int64(5)
	events := aFailover()
	return append(events[:len(events)-1],
		at(8002, &record.WorkloadDone{Name: "news", Kind: "pubsub", NoLoss: true, EndMS: 8002, Attempted: 1000, Acked: 900, Failed: 100, Shards: []record.ClientShard{{Shard: 3, Acked: 900}}}),
		at(8003, &record.WorkloadDone{Name: "jobs", Kind: "stream", EndMS: 8003, Attempted: 50, Acked: 50}),
		at(8201, &record.Heard{Name: "news", Channels: 10, Subscribers: []record.Subscriber{
			{Acked: 900, Received: 900, OffMS: 0},
			{Subscriber: 1, Acked: 900, Received: 700, MissedConnected: 150, MissedDisconnected: 50, ConnectedWindowMS: &[2]float64{1001, 5000}, MissedWindowMS: &[2]float64{1001, 5521},
				DeafMS: &deaf, OffMS: 521, Breaks: 1, Unsubscribed: 2, Refused: 1, OffAtEnd: 2, Duplicated: 3},
		}}),
		at(8202, &record.Verified{Name: "jobs", Checked: 50}),
		at(8203, &record.Consumed{Name: "jobs", Groups: []record.Group{
			{Group: "group-0", Delivered: 50, Acked: 50, Undelivered: &none, Pending: &none},
			{Group: "group-1", Delivered: 45, Acked: 44, RedeliveredAfterAck: 7, RedeliveredUnacked: 2, RedeliveredWindowMS: &[2]float64{4500, 4600},
				Undelivered: &five, Pending: &none, Lost: 1, LostWindowMS: &[2]float64{4510, 4510}},
		}}),
		at(9001, &record.RunEnded{}))
}

func TestMessagingIsTold(t *testing.T) {
	r := told(messaging(t, "missed_messages", "<= 100", "redelivered", "9", "undelivered", "5", "lost_writes", "2"), messagingEvents())
	var out strings.Builder
	if err := WriteMarkdown(&out, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"- The 2 subscribers of news missed 200 of 1,800 acked messages: 150 while they believed that they were connected, and 50 while not; one was deaf to a channel for 4.52 s.\n",
		"- The 2 consumer groups of jobs got 95 entries, 7 of them again after XACK, and 2 again before it; 5 that are there were never delivered; a group was gone from its stream once.\n",
		"| news 0 | 900 | 900 | **0** | – | 0 | 0 | – | 0 ms | 0 | 0 | 0 |\n",
		"| news 1 | 900 | 700 | **150** | 1.00 s – 5.00 s | 50 | 3 | 4.52 s | 521 ms | 1 | 2 | 1 |\n",
		"| jobs group-0 | 50 | 50 | **0** | 0 | – | **0** | 0 | 0 | – |\n",
		"| jobs group-1 | 45 | 44 | **7** | 2 | 4.50 s – 4.60 s | **5** | 0 | 1 | 4.51 s – 4.51 s |\n",
		"| ❌ | `missed_messages` | <= 100 | 150 |\n", "| ✅ | `redelivered` | == 9 | 9 |\n", "| ✅ | `undelivered` | == 5 | 5 |\n", "| ✅ | `lost_writes` | == 2 | 2 (shards 1, 2 had no acked write after the fault: nothing is shown of them) |\n",
		// Messages are no writes that could be lost, and are on no shard.
		"operations failed. 2 of 140 acked writes were lost", "| all | 1,150 | 1,040 |", "still without a subscription to 2 channels in the end",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for _, c := range r.Failovers[0].Clients {
		if c.Workload == "news" {
			t.Errorf("PUBLISH goes to any node, and came through the failover of a shard: %+v", c)
		}
	}
}

// What was not judged is not measured, and is no 0.
func TestMessagingUnknown(t *testing.T) {
	events := messagingEvents()
	for _, e := range events {
		if c, ok := e.Data.(*record.Consumed); ok {
			c.Groups[0].Undelivered, c.Groups[0].Error = nil, "1 streams could not be read"
		}
	}
	r := Analyze(messaging(t, "undelivered", "0", "redelivered", "9"), events)
	if e := r.Expectations; e[0].OK || *e[0].Reason != (Reason{Why: WhyGroupUnread, Group: "group-0", Workload: "jobs", Text: "1 streams could not be read"}) || !e[1].OK {
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
	r = Analyze(messaging(t, "undelivered", "0", "missed_messages", "0"), unjudged)
	if e := r.Expectations; e[0].OK || e[0].Got != nil || e[1].OK || e[1].Got != nil {
		t.Errorf("%+v", e)
	}
	receivers := slices.ContainsFunc(r.Notices[0].Lacks, func(l Lack) bool {
		return l.What == LackReceivers && slices.Equal(l.Workloads, []string{"news", "jobs"})
	})
	if r.Notices[0].Kind != NoticeRecordEnds || !receivers {
		t.Errorf("%+v", r.Notices)
	}
}

// A run of nothing but messages tells nothing of lost writes.
func TestOnlyMessages(t *testing.T) {
	s := messaging(t)
	s.Workloads = s.Workloads[1:2]
	var events []record.Event
	for _, e := range messagingEvents() {
		switch d := e.Data.(type) {
		case *record.WorkloadDone:
			if d.Name != "news" {
				continue
			}
		case *record.Verified, *record.Consumed, *record.Acks:
			continue
		}
		events = append(events, e)
	}
	r := told(s, events)
	if r.Writes.Lost != nil || r.Writes.Acked != 900 || r.Workloads[0].Writes.Acked != 900 {
		t.Errorf("%+v", r.Writes)
	}
	for _, sentence := range Story(r) {
		if strings.Contains(sentence, "lost") {
			t.Errorf("got %q", sentence)
		}
	}
}
