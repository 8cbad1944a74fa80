package prose

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

func TestWhyAMasterWasNotReplaced(t *testing.T) {
	pfail, failed := sample.Suspicion()
	for want, more := range map[string][]record.Event{
		"no other node is seen to have suspected it in 5.00 s":                        nil,
		"it was suspected after 2.10 s, and back before a majority of masters agreed": {pfail},
		"a2 did not stand: “Disconnected from master for longer than allowed”": {pfail, failed,
			sample.At(3600, &record.Log{Node: "a2", Kind: record.LogElectionBlocked, Reason: "Disconnected from master for longer than allowed."})},
		"a2 stood 2 times and was not elected: c refused its vote: “its master is up”": {pfail, failed,
			sample.At(4000, &record.Log{Node: "a2", Kind: record.LogElectionStarted, Epoch: 8}), sample.At(5000, &record.Log{Node: "a2", Kind: record.LogElectionStarted, Epoch: 9}),
			sample.At(4001, &record.Log{Node: "c", Kind: record.LogVoteRefused, Subject: "a2", Reason: "its master is up"})},
		"a2 had a delay of 900 ms before its election, and a was back after 3.20 s": {pfail, failed,
			sample.At(3501, &record.Log{Node: "a2", Kind: record.LogElectionDelayed, Millis: 900}), sample.At(4200, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "ok"})},
		"it was marked as failed after 2.50 s and was back 700 ms later, before a replica stood for election": {pfail, failed,
			sample.At(4200, &record.NodeFlag{Observer: "b", Subject: "a", Flag: "ok"})},
		"it was marked as failed after 2.50 s, and no replica is seen to have stood for election": {pfail, failed},
	} {
		r := told(sample.OneFault(), sample.Away(more...))
		if len(r.Missed) != 1 || r.Missed[0].Reason != want || r.Missed[0].Master != "a" {
			t.Errorf("%+v\nwant %s", r.Missed, want)
		}
	}
}
