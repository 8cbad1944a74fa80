package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
)

// Ten of thirty masters are killed at once, on local processes: seven are replaced, three
// replicas are refused their votes for epochs that others stood for as well, and with full
// coverage all shards wait until those three are back.
func TestTenOfThirtyMasters(t *testing.T) {
	r := report.Analyze(recorded(t, "ten-of-thirty"))
	missed := map[report.Cause]int{}
	for _, m := range r.Missed {
		missed[m.Cause]++
	}
	if len(r.Failovers) != 7 || len(missed) != 1 || missed[report.MissedVotesRefused] != 3 {
		t.Errorf("%d failovers, missed %v", len(r.Failovers), missed)
	}
	for _, f := range r.Failovers {
		for _, p := range f.Phases {
			if p.Name != "opening" {
				continue
			}
			if len(p.Findings) != 1 || p.Findings[0].Cause != report.PhaseCoverage || p.Findings[0].Evidence[2].Name != "shard 21" {
				t.Errorf("shard %d: %+v", f.Shard, p.Findings)
			}
		}
	}
	story := report.Story(r)
	if len(story) > 9 {
		t.Errorf("%d sentences: %q", len(story), story)
	}
	for _, sentence := range story {
		if len(sentence) > 900 {
			t.Errorf("a sentence of %d characters: %s", len(sentence), sentence)
		}
	}
}

// Failovers that are out of the ordinary, each from a run on a real cluster
// (Redis 7.0.15). What is told of each was checked by hand against the servers'
// logs, which are in the record.
func TestUnusualFailovers(t *testing.T) {
	for name, want := range map[string]struct {
		failovers []string // shard, old and new master, cause, first write, remarks
		missed    []string
	}{
		// As it should be.
		"master-kill": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 fault 7928.3",
			},
		},
		// Asked for: nobody has to notice anything.
		"manual-failover": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 manual 8.7",
			},
		},
		// The successor is killed, too; the old master takes over again.
		"repeated-failover": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 fault 2812.0",
				"0 redis-replica-1>redis-master-1 fault 2565.1",
			},
		},
		// Two masters of five at once. The first shard to have a master waits for the other.
		"two-shards": {
			failovers: []string{
				"1 redis-master-2>redis-replica-2 fault 4366.1 The opening took 670 ms, 655 ms more than the configuration accounts for: it answered CLUSTERDOWN for 664 ms, until shard 0 had a master, too, at 6.38 s: with cluster-require-full-coverage yes (the default) all shards wait for each other.",
				"0 redis-master-1>redis-replica-1 fault 4363.3",
			},
		},
		// The master is back, too late.
		"back-before-election": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 fault 2323.8 redis-master-1 was back 124 ms before the election was won, and was replaced all the same: a master that is marked as failed stays so for twice cluster-node-timeout, unless somebody takes over.",
			},
		},
		// The master was busy (DEBUG SLEEP), and no fault is to blame.
		"false-failover": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 none null redis-master-1 was first flagged at 5.74 s, and replaced at 7.14 s. redis-master-1 answered nothing from 4.63 s to 7.14 s (2.51 s).",
			},
		},
		// No majority.
		"double-master-kill": {
			missed: []string{
				"0 redis-master-1: only 1 of 3 masters was left, and 2 must agree that a node failed",
				"1 redis-master-2: only 1 of 3 masters was left, and 2 must agree that a node failed",
			},
		},
		// Nobody noticed.
		"master-pause-short": {
			missed: []string{
				"0 redis-master-1: it was away for 2.00 s, and a node is suspected after cluster-node-timeout (5.00 s) at the earliest",
			},
		},
		// A majority is back, but the replica is too stale by then.
		"stale-replica": {
			missed: []string{
				"0 redis-master-1: redis-replica-1 did not stand: “Disconnected from master for longer than allowed. Please check the 'cluster-replica-validity-factor' configuration option”",
				"1 redis-master-2: only 1 of 3 masters was left, and 2 must agree that a node failed",
			},
		},
		// The replica's first requests for votes get lost; when it stands again, its master
		// is back for everybody but itself.
		"refused-votes": {
			missed: []string{
				"0 redis-master-1: redis-replica-1 stood 2 times and was not elected: redis-master-2, redis-master-3, redis-master-4 and redis-master-5 refused their votes: “its master is up”",
			},
		},
		// The third planned failover in a row: a replica counts the votes of its last election.
		"won-without-election": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 manual 4.0",
				"0 redis-replica-1>redis-master-1 manual 4.2",
			},
			missed: []string{
				"0 redis-master-1: redis-replica-1 was told to take over; 1.03 ms later its log says “Failover election won: I'm the new master”, without an election: it counted the votes of an earlier one; it was master for 18 ms until it heard of an owner with a later epoch, and what it acked meanwhile is not in the data set of that one",
			},
		},
		// A planned failover there and back, and a crash: the replica may not stand again so soon.
		"planned-then-crash": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 manual 3.9",
				"0 redis-replica-1>redis-master-1 manual 2.9",
				"0 redis-master-1>redis-replica-1 fault 17777.6 The election delay took 10.21 s, 9.01 s more than the configuration accounts for: redis-replica-1 had stood for election 10.56 s before, and stands again after 20.00 s, four times cluster-node-timeout and at least 4 s, at the earliest.",
			},
		},
		// Nodes announce names, and the name server does not answer.
		"announce-hostname-stall": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 fault 21498.0 The suspicion took 10.26 s, 2.56 s more than the configuration accounts for: redis-master-2, redis-master-3, redis-replica-1, redis-replica-2 and redis-replica-3 did not respond for up to 10.05 s at a time, without any fault (redis-master-2 answered nothing from 6.28 s to 16.33 s). The agreement took 10.13 s, 4.83 s more than the configuration accounts for: redis-master-2, redis-master-3, redis-replica-1, redis-replica-2 and redis-replica-3 did not respond for up to 10.03 s at a time, without any fault (redis-replica-3 answered nothing from 16.39 s to 26.43 s). With cluster-announce-ip set to a name, a server looks up the name of every node that it has lost (here redis-master-1) again and again, and its main thread waits for the resolver each time: announce addresses. redis-master-1 was back 1.22 s before the election was won, and was replaced all the same: a master that is marked as failed stays so for twice cluster-node-timeout, unless somebody takes over.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := report.Analyze(recorded(t, name))
			var failovers, missed []string
			for _, f := range r.Failovers {
				failovers = append(failovers, strings.TrimSpace(fmt.Sprintf("%d %s>%s %s %s %s", f.Shard, f.OldMaster, f.NewMaster, f.Origin,
					figure(f.FirstWriteMS), strings.Join(f.Remarks, " "))))
			}
			for _, m := range r.Missed {
				missed = append(missed, fmt.Sprintf("%d %s: %s", m.Shard, m.Master, m.Reason))
			}
			if !slices.Equal(failovers, want.failovers) {
				t.Errorf("failovers:\n got %q\nwant %q", failovers, want.failovers)
			}
			if !slices.Equal(missed, want.missed) {
				t.Errorf("missed:\n got %q\nwant %q", missed, want.missed)
			}
		})
	}
}
