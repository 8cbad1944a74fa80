package discover

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/view"
)

// says is what a node in cluster mode answers that is in something of its own, with its CLUSTER NODES.
func says(t *testing.T, at Candidate, id, nodes string) answer {
	t.Helper()
	listed, err := view.ParseNodes(nodes)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{at: at, id: id, server: view.Server{Mode: clusterMode, RunID: "run of " + id, Port: 6379}}
	a.view = view.View{Nodes: listed, State: "ok", Replication: view.Replication{LinkUp: true}}
	return a
}

// all is what the nodes of a cluster answer that agree on its lines, each at ip:port of 10.0.0.0/24 by its id.
func all(t *testing.T, lines ...string) (answers []answer) {
	t.Helper()
	for i, line := range lines {
		id, _, _ := strings.Cut(line, " ")
		mine := slices.Clone(lines)
		mine[i] = strings.Replace(line, "master", "myself,master", 1)
		mine[i] = strings.Replace(mine[i], "slave", "myself,slave", 1)
		answers = append(answers, says(t, Candidate{Addr: "10.0.0." + id + ":6379", Name: "node-" + id, In: id}, id, strings.Join(mine, "\n")))
	}
	return answers
}

const (
	lineA = "1 10.0.0.1:6379@16379 master - 0 0 3 connected 9000-16383"
	lineB = "2 10.0.0.2:6379@16379 master - 0 0 1 connected 0-99 200-8999"
	lineC = "3 10.0.0.3:6379@16379 master - 0 0 2 connected 100-199"
	lineD = "4 10.0.0.4:6379@16379 slave 2 0 0 1 connected"
	lineE = "5 10.0.0.5:6379@16379 slave 2 0 0 1 connected"
)

func TestAssemble(t *testing.T) {
	whole := func(t *testing.T) []answer { return all(t, lineA, lineB, lineC, lineD, lineE) }
	inOne := func(t *testing.T) []answer {
		answers := all(t, lineA, lineB, lineC)
		for i := range answers {
			answers[i].at.Name, answers[i].at.In, answers[i].server.Port = "redis cluster", "one", 7000+i
		}
		return answers
	}
	for name, test := range map[string]struct {
		answers    func(t *testing.T) []answer
		addressMap map[string]string
		nodes      string // name, shard and what is announced of each
		others     string
	}{
		"unequal shards": {
			answers: whole,
			nodes:   "node-2/0/10.0.0.2:6379 node-4/0/10.0.0.4:6379 node-5/0/10.0.0.5:6379 node-3/1/10.0.0.3:6379 node-1/2/10.0.0.1:6379",
		},
		"what does not run": {
			answers: func(t *testing.T) []answer {
				init := Other{Candidate: Candidate{Name: "init", In: "init"}, Why: "its container has exited (0)"}
				return append(all(t, lineA, lineB, lineC), init.answer())
			},
			nodes:  "node-2/0/10.0.0.2:6379 node-3/1/10.0.0.3:6379 node-1/2/10.0.0.1:6379",
			others: "init its container has exited (0)",
		},
		"a master without slots": {
			answers: func(t *testing.T) []answer {
				return all(t, lineA, lineB, lineC, "6 10.0.0.6:6379@16379 master - 0 0 0 connected")
			},
			nodes:  "node-2/0/10.0.0.2:6379 node-3/1/10.0.0.3:6379 node-1/2/10.0.0.1:6379",
			others: "node-6 it is a node of the cluster that has no slots, and replicates none that has",
		},
		"several in one": {
			answers: inOne,
			nodes:   "redis-cluster-7001/0/10.0.0.2:6379 redis-cluster-7002/1/10.0.0.3:6379 redis-cluster-7000/2/10.0.0.1:6379",
		},
		"a proxy, and an init container": {
			answers: func(t *testing.T) []answer {
				proxy := whole(t)[1]
				proxy.at = Candidate{Addr: "10.0.0.9:7777", Name: "proxy", In: "proxy"}
				return append([]answer{proxy, {at: Candidate{Addr: "10.0.0.8:6379", Name: "init", In: "init"}, err: errors.New("it has exited")}}, whole(t)...)
			},
			nodes:  "node-2/0/10.0.0.2:6379 node-4/0/10.0.0.4:6379 node-5/0/10.0.0.5:6379 node-3/1/10.0.0.3:6379 node-1/2/10.0.0.1:6379",
			others: "init it has exited; proxy it leads to node-2 (10.0.0.2:6379)",
		},
		"a published port beside an address that is not reached": {
			answers: func(t *testing.T) []answer {
				answers := all(t, lineA, lineB, lineC)
				for i := range answers {
					port := fmt.Sprintf("127.0.0.1:700%d", i)
					unreached := answer{at: answers[i].at, err: errors.New("no route to host")}
					answers[i].at.Addr = port
					answers = append(answers, unreached)
				}
				return answers
			},
			nodes: "node-2/0/10.0.0.2:6379 node-3/1/10.0.0.3:6379 node-1/2/10.0.0.1:6379",
		},
		"one that has not been told its address": {
			answers: func(t *testing.T) []answer {
				answers := all(t, lineA, lineB, lineC)
				answers[2].view.Nodes[2].Addr = ":6379"
				return answers
			},
			nodes: "node-2/0/10.0.0.2:6379 node-3/1/10.0.0.3:6379 node-1/2/10.0.0.1:6379",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := assemble(test.answers(t), test.addressMap)
			if err != nil {
				t.Fatal(err)
			}
			var nodes, others []string
			for _, n := range c.Nodes {
				nodes = append(nodes, fmt.Sprintf("%s/%d/%s", n.Name, n.Shard, n.Announced))
			}
			for _, o := range c.Others {
				others = append(others, o.Name+" "+o.Why)
			}
			if got := strings.Join(nodes, " "); got != test.nodes {
				t.Errorf("nodes:\n got %s\nwant %s", got, test.nodes)
			}
			if got := strings.Join(others, "; "); got != test.others {
				t.Errorf("others:\n got %s\nwant %s", got, test.others)
			}
		})
	}
}

func TestAssembleRefuses(t *testing.T) {
	change := func(lines []string, do func(answers []answer)) func(t *testing.T) []answer {
		return func(t *testing.T) []answer {
			answers := all(t, lines...)
			do(answers)
			return answers
		}
	}
	for name, test := range map[string]struct {
		answers func(t *testing.T) []answer
		want    []string
	}{
		"two clusters": {
			func(t *testing.T) []answer {
				return append(all(t, lineA, lineB, lineC), all(t, "7 10.0.0.7:6379@16379 master - 0 0 1 connected 0-16383")...)
			},
			[]string{"2 clusters", "node-7 (10.0.0.7:6379)", "name the nodes of one only"},
		},
		"a node that nobody reaches": {
			func(t *testing.T) []answer { return all(t, lineA, lineB, lineC, lineD)[:3] },
			[]string{"the replica 4, which announces 10.0.0.4:6379, is named by 3 nodes, and was not reached"},
		},
		"a node whose container is frozen": {
			func(t *testing.T) []answer {
				paused := Other{Candidate: Candidate{Name: "node-4", In: "4"}, Why: "its container is paused"}
				return append(all(t, lineA, lineB, lineC, lineD)[:3], paused.answer())
			},
			[]string{"the replica 4, which announces 10.0.0.4:6379", "was not reached", "what else was asked: node-4: its container is paused"},
		},
		"slots without a master": {
			func(t *testing.T) []answer { return all(t, lineA, lineB) },
			[]string{"not healthy", "100 slots have no master: 100-199"},
		},
		"a node that fails": {
			change([]string{lineA, lineB, lineC, strings.Replace(lineD, "slave", "slave,fail", 1)}, func([]answer) {}),
			[]string{"node-4 (10.0.0.4:6379) is marked as fail by node-1 (10.0.0.1:6379), node-2"},
		},
		"cluster_state": {
			change([]string{lineA, lineB, lineC}, func(a []answer) { a[1].view.State = "fail" }),
			[]string{"node-2 (10.0.0.2:6379) has cluster_state:fail"},
		},
		"no link": {
			change([]string{lineA, lineB, lineC, lineD}, func(a []answer) { a[3].view.Replication.LinkUp = false }),
			[]string{"node-4 (10.0.0.4:6379) is a replica without a link to its master"},
		},
		"disagreement": {
			change([]string{lineA, lineB, lineC}, func(a []answer) {
				a[0].view.Nodes[2].Slots = nil
			}),
			[]string{"nodes disagree about who owns which slots: node-1 (10.0.0.1:6379) as against node-2"},
		},
		"one without its nodes.conf": {
			change([]string{lineA, lineB, lineC, lineD}, func(a []answer) { a[3].view.Nodes = a[3].view.Nodes[3:] }),
			[]string{"node-4 (10.0.0.4:6379) does not know node-1"},
		},
		"a copy": {
			func(t *testing.T) []answer {
				answers := all(t, lineA, lineB, lineC)
				twin := answers[2]
				twin.at, twin.server.RunID = Candidate{Addr: "10.0.0.9:6379", Name: "twin", In: "twin"}, "another"
				return append(answers, twin)
			},
			[]string{"node-3 (10.0.0.3:6379) and twin (10.0.0.9:6379) both say that they are node 3"},
		},
		"not formed": {
			func(t *testing.T) []answer {
				return append(all(t, "1 :6379@16379 master - 0 0 0 connected"), all(t, "2 :6379@16379 master - 0 0 0 connected")...)
			},
			[]string{"2 servers are in cluster mode, and each knows no other", "bootstrap: true", "redis-cli --cluster create 10.0.0.1:6379 10.0.0.2:6379"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := assemble(test.answers(t), nil)
			if err == nil {
				t.Fatalf("no error, but %+v", c)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q\nlacks %q", err, want)
				}
			}
		})
	}
}
