package command

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/aim"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// What each of the commands is, beside what TestEffects shows that it does.
func TestCommands(t *testing.T) {
	disturbs := []record.Effect{record.Disturbs}
	for _, test := range []struct {
		fault chaos.Fault
		want  faulttest.Deeds
	}{
		{(&ClientPause{Mode: "write"}).Lasting(1500 * time.Millisecond).(chaos.Fault), faulttest.Deeds{
			Detail: "CLIENT PAUSE WRITE", Inject: "CLIENT PAUSE 1500 WRITE", Heal: "PUBLISH redis-chaos over", Past: "told to keep its clients waiting", Effects: disturbs,
		}},
		{&ConfigSet{Set: map[string]string{"maxmemory": "1mb", "hz": "1"}, before: map[string]string{"maxmemory": "0", "hz": "10"}}, faulttest.Deeds{
			Detail: "CONFIG SET hz 1 maxmemory 1mb", Inject: "CONFIG SET hz 1, CONFIG SET maxmemory 1mb", Heal: "CONFIG SET hz 10, CONFIG SET maxmemory 0",
			Past: "configured by CONFIG SET hz 1 maxmemory 1mb", Effects: disturbs,
		}},
		{&ClientKill{Type: "replica"}, faulttest.Deeds{
			Detail: "CLIENT KILL TYPE replica, every 0s", Inject: "CLIENT KILL TYPE replica", Past: "told to drop the links to its replicas", Effects: disturbs,
		}},
		{&Bgsave{}, faulttest.Deeds{Detail: "BGSAVE", Inject: "BGSAVE SCHEDULE", Past: "told to write a snapshot"}},
		{&Bgrewriteaof{}, faulttest.Deeds{Detail: "BGREWRITEAOF", Inject: "BGREWRITEAOF", Past: "told to rewrite its append-only file"}},
		{&FullResync{}, faulttest.Deeds{
			Detail: "DEBUG CHANGE-REPL-ID, CLIENT KILL TYPE replica", Inject: "DEBUG CHANGE-REPL-ID, CLIENT KILL TYPE replica",
			Past: "made to send its replicas all of its data",
		}},
		{&Flushall{}, faulttest.Deeds{Detail: "FLUSHALL", Inject: "FLUSHALL", Past: "told to delete all of its data"}},
	} {
		faulttest.Does(t, test.fault, test.want)
	}
}

func TestSettings(t *testing.T) {
	master, replica := faulttest.Target(), aim.Selector{Node: []string{"redis-replica-1"}}
	for _, test := range []struct {
		fault chaos.Fault
		want  string
	}{
		{&ClientPause{Selector: master, Mode: "write"}, ""},
		{&ClientPause{Selector: master, Mode: "read"}, `mode: unknown mode "read"; known: all, write`},
		{&ConfigSet{Selector: master, Set: map[string]string{"maxmemory": "1mb"}}, ""},
		{&ConfigSet{Selector: master}, "set: no directive to set; write set: {maxmemory: 1mb}"},
		{&ConfigSet{Selector: master, Set: map[string]string{"dir": "/tmp"}}, "set: dir cannot be set: the tool decides where a node keeps its files"},
		{&ConfigSet{Selector: master, Set: map[string]string{"maxmemory-of": "1"}}, `set: unknown directive "maxmemory-of"`},
		{&ClientKill{Selector: master, Type: "normal", Every: leastEvery}, ""},
		{&ClientKill{Selector: master, Type: "slave", Every: leastEvery}, `type: unknown type "slave"; known: normal, pubsub, replica, master`},
		{&ClientKill{Selector: master, Type: "normal"}, "every: 0s is too often; write 10ms or more"},
		{&FullResync{aim.Selector{Role: "replica", Pick: "random"}}, "role: a full resync is asked of the master"},
		{&Flushall{master}, ""},
		{&Flushall{replica}, "a replica refuses FLUSHALL"},
		{&HalfMigrate{Selector: master, Slots: 5461}, ""},
		{&HalfMigrate{Selector: master, Slots: 5462}, "slots: 5462 is out of range; write 1 to 5461"},
		{&HalfMigrate{Selector: replica, Slots: 1}, "a replica has no slots"},
		{&ClusterReset{Selector: replica}, ""},
		{&ClusterReset{Selector: aim.Selector{Role: "master", Pick: "random"}}, "role: a master that has keys refuses CLUSTER RESET"},
		{&BusyScript{Selector: master}, ""},
		{&SlowCommand{Selector: master, Elements: 1000, Every: leastEvery}, ""},
		{&SlowCommand{Selector: master, Elements: 10, Every: leastEvery}, "elements: 10 is out of range"},
		{&SlowCommand{Selector: replica, Elements: 1000, Every: leastEvery}, "a replica has no slots of its own"},
		{&Bgsave{}, "no target"},
	} {
		faulttest.Accepts(t, test.fault, test.want)
	}
}
