package render

import (
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

func TestMessagingIsTold(t *testing.T) {
	r := told(sample.Messaging(t, "missed_messages", "<= 100", "redelivered", "9", "undelivered", "5", "lost_writes", "2"), sample.MessagingEvents())
	var out strings.Builder
	if err := Markdown(&out, r); err != nil {
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

// A run of nothing but messages tells nothing of lost writes.
func TestOnlyMessages(t *testing.T) {
	s := sample.Messaging(t)
	s.Workloads = s.Workloads[1:2]
	var events []record.Event
	for _, e := range sample.MessagingEvents() {
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
	for _, sentence := range prose.Story(r) {
		if strings.Contains(sentence, "lost") {
			t.Errorf("got %q", sentence)
		}
	}
}
