package view

import (
	"reflect"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose/slots"
)

func TestParseNodes(t *testing.T) {
	// As printed by Redis 7.0, by Redis 6.2 (no host name) and by Valkey 8.1 (shard id).
	text := "07c37dfeb235213a872192d90877d0cd55635b91 172.30.2.14:6379@16379,redis-replica-1 slave e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 0 1426238317239 4 connected\n" +
		"67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 172.30.2.12:6379@16379 master,fail? - 0 1426238316232 2 disconnected 5461-10922 [93->-292f]\n" +
		"e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 172.30.2.11:6379@16379,redis-master-1,shard-id=69bc myself,master - 0 0 1 connected 0-5460 10930\n" +
		"292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f :0@0 slave,fail,noaddr - 0 0 0 disconnected\n"
	got, err := ParseNodes(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []Node{
		{ID: "07c37dfeb235213a872192d90877d0cd55635b91", Addr: "172.30.2.14:6379", Host: "redis-replica-1", Bus: 16379,
			Flag: "ok", OfID: "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca", Epoch: 4, LinkUp: true},
		{ID: "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1", Addr: "172.30.2.12:6379", Bus: 16379, Master: true, Flag: "pfail",
			Epoch: 2, Slots: []slots.Range{{First: 5461, Last: 10922}}},
		{ID: "e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca", Addr: "172.30.2.11:6379", Host: "redis-master-1", Bus: 16379, Myself: true,
			Master: true, Flag: "ok", Epoch: 1, LinkUp: true, Slots: []slots.Range{{First: 0, Last: 5460}, {First: 10930, Last: 10930}}},
		{ID: "292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f", Addr: ":0", Flag: "noaddr"},
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("line %d:\n got %+v\nwant %+v", i+1, got[i], want[i])
		}
	}
	v := View{Nodes: got}
	if owner, ok := v.Owner(10930); !ok || owner.Host != "redis-master-1" {
		t.Errorf("owner of 10930: %+v, %v", owner, ok)
	}
	if _, ok := v.Owner(16000); ok {
		t.Error("slot 16000 has an owner")
	}
}

func TestParseNodesRejectsGarbage(t *testing.T) {
	for _, text := range []string{"abc def\n", "id a:1@2 master - 0 0 1 connected x-y\n"} {
		if _, err := ParseNodes(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestParseCounters(t *testing.T) {
	got := ParseCounters([]string{
		"# Server\r\nredis_version:7.0.15\r\nrun_id:5b0ddc9a7ca5b7b9c38b2f6a4d5e9b6b6a1b6b39\r\n",
		"# Stats\r\nrejected_connections:3\r\nsync_full:1\r\nsync_partial_ok:2\r\nsync_partial_err:4\r\nexpired_keys:70\r\nexpired_stale_perc:0.00\r\nevicted_keys:9\r\nevicted_clients:1\r\n",
		"# Commandstats\r\ncmdstat_flushall:calls=1,usec=45,usec_per_call=45.00,rejected_calls=7,failed_calls=0\r\n" +
			"cmdstat_flushdb:calls=2,usec=45,usec_per_call=45.00,rejected_calls=0,failed_calls=0\r\n" +
			"cmdstat_cluster|setslot:calls=5,usec=9,usec_per_call=1.80,rejected_calls=0,failed_calls=0\r\n" +
			"cmdstat_cluster|addslots:calls=1,usec=9,usec_per_call=9.00,rejected_calls=0,failed_calls=0\r\n" +
			"cmdstat_cluster|slots:calls=90,usec=9,usec_per_call=0.10,rejected_calls=0,failed_calls=0\r\n",
		"# Keyspace\r\ndb0:keys=500,expires=20,avg_ttl=0\r\n",
	})
	want := Counters{
		RunID: "5b0ddc9a7ca5b7b9c38b2f6a4d5e9b6b6a1b6b39", EvictedKeys: 9, ExpiredKeys: 70, RejectedConnections: 3,
		FullSyncs: 1, PartialSyncs: 2, PartialSyncsRefused: 4, Flushes: 3, SlotChanges: 6, Keys: 500,
	}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := ParseCounters(make([]string, len(CounterCommands()))); got != (Counters{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestParseReplication(t *testing.T) {
	master := ParseReplication("# Replication\r\nrole:master\r\nconnected_slaves:2\r\n" +
		"slave0:ip=172.30.2.14,port=6379,state=online,offset=1000,lag=0\r\n" +
		"slave1:ip=172.30.2.15,port=6379,state=wait_bgsave,offset=0,lag=0\r\nmaster_repl_offset:1014\r\n")
	want := Replication{Master: true, Offset: 1014, Replicas: []Replica{
		{Addr: "172.30.2.14:6379", Online: true, Offset: 1000}, {Addr: "172.30.2.15:6379"}}}
	if !reflect.DeepEqual(master, want) {
		t.Errorf("master: %+v", master)
	}
	replica := ParseReplication("role:slave\r\nmaster_link_status:up\r\nslave_repl_offset:77\r\nmaster_repl_offset:77\r\n")
	if replica.Master || !replica.LinkUp || replica.ReplOffset != 77 {
		t.Errorf("replica: %+v", replica)
	}
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]Server{
		"# Server\r\nredis_version:7.0.15\r\nredis_mode:cluster\r\nprocess_id:9\r\nrun_id:5b0d\r\ntcp_port:6379\r\n": {Name: "redis", Version: "7.0.15", Mode: "cluster", RunID: "5b0d", PID: 9, Port: 6379},
		"redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\nserver_mode:sentinel\r\n":              {Name: "valkey", Version: "8.1.1", Mode: "sentinel"},
		"": {Name: "redis"},
	} {
		if got := ParseServer(text); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
