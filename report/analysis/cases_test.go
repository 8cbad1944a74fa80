package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// Ten of thirty masters are killed at once, on local processes: seven are replaced, three
// replicas are refused their votes for epochs that others stood for as well, and with full
// coverage all shards wait until those three are back.
func TestTenOfThirtyMasters(t *testing.T) {
	r := analysis.Analyze(sample.Recorded(t, "ten-of-thirty"))
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
}

// Failovers that are out of the ordinary, each from a run on a real cluster
// (Redis 7.0.15). What is found of each was checked by hand against the servers'
// logs, which are in the record.
func TestUnusualFailovers(t *testing.T) {
	for name, want := range map[string]struct {
		failovers []string // shard, old and new master, origin, first write, causes of slow phases
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
				"1 redis-master-2>redis-replica-2 fault 4366.1, opening: full_coverage",
				"0 redis-master-1>redis-replica-1 fault 4363.3",
			},
		},
		// The master is back, too late.
		"back-before-election": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 fault 2323.8",
			},
		},
		// The master was busy (DEBUG SLEEP), and no fault is to blame.
		"false-failover": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 none null, nodes_silent",
			},
		},
		// No majority.
		"double-master-kill": {
			missed: []string{
				"0 redis-master-1: no_majority",
				"1 redis-master-2: no_majority",
			},
		},
		// Nobody noticed.
		"master-pause-short": {
			missed: []string{
				"0 redis-master-1: shorter_than_timeout",
			},
		},
		// A majority is back, but the replica is too stale by then.
		"stale-replica": {
			missed: []string{
				"0 redis-master-1: replica_stale",
				"1 redis-master-2: no_majority",
			},
		},
		// The replica's first requests for votes get lost; when it stands again, its master
		// is back for everybody but itself.
		"refused-votes": {
			missed: []string{
				"0 redis-master-1: votes_refused",
			},
		},
		// The third planned failover in a row: a replica counts the votes of its last election.
		"won-without-election": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 manual 4.0",
				"0 redis-replica-1>redis-master-1 manual 4.2",
			},
			missed: []string{
				"0 redis-master-1: won_alone",
			},
		},
		// A planned failover there and back, and a crash: the replica may not stand again so soon.
		"planned-then-crash": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 manual 3.9",
				"0 redis-replica-1>redis-master-1 manual 2.9",
				"0 redis-master-1>redis-replica-1 fault 17777.6, election delay: stood_before",
			},
		},
		// Nodes announce names, and the name server does not answer.
		"announce-hostname-stall": {
			failovers: []string{
				"0 redis-master-1>redis-replica-1 fault 21498.0, suspicion: resolver, agreement: resolver",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := analysis.Analyze(sample.Recorded(t, name))
			var failovers, missed []string
			for _, f := range r.Failovers {
				text := fmt.Sprintf("%d %s>%s %s %s", f.Shard, f.OldMaster, f.NewMaster, f.Origin, figure(f.FirstWrite))
				for _, p := range f.Phases {
					if len(p.Findings) > 0 {
						text += ", " + p.Name + ": " + causesOf(p.Findings)
					}
				}
				if len(f.Findings) > 0 {
					text += ", " + causesOf(f.Findings)
				}
				failovers = append(failovers, text)
			}
			for _, m := range r.Missed {
				missed = append(missed, fmt.Sprintf("%d %s: %s", m.Shard, m.Master, causesOf(m.Findings)))
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

// causesOf lists what findings say, the one that explains most first.
func causesOf(findings []report.Finding) string {
	var causes []string
	for _, f := range findings {
		causes = append(causes, string(f.Cause))
	}
	return strings.Join(causes, " ")
}
