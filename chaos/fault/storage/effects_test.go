package storage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

func TestMain(m *testing.M) { faulttest.Main(m) }

func TestEffects(t *testing.T) {
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "disk_full", Fault: kinds{}.DiskFull(), Shows: refusesWrites},
		{Kind: "disk_read_only", Fault: kinds{}.DiskReadOnly(), Shows: refusesWrites},
		{Kind: "io_error", Fault: &IOError{Operations: []string{"write"}, Files: []string{"appendonlydir/*"}, Share: 100}, Shows: refusesWrites},
		{Kind: "slow_fsync", Fault: &SlowFsync{Delay: units.Duration(300 * time.Millisecond), Files: []string{"nodes.conf*"}}, Shows: func(s *faulttest.Subject) string {
			began := time.Now()
			s.MustAsk("CLUSTER", "SAVECONFIG")
			took := time.Since(began)
			if took < 300*time.Millisecond {
				s.Errorf("nodes.conf was fsynced within %s", took)
			}
			return fmt.Sprintf("CLUSTER SAVECONFIG takes %d ms", took.Milliseconds())
		}},
		{Kind: "power_loss", Fault: kinds{}.PowerLoss(), Begin: writeUnsynced, Shows: func(s *faulttest.Subject) string {
			restart(s)
			if left, err := s.Ask("GET", s.Key()); left == unsynced {
				s.Errorf("what was not fsynced is there: %v, %v", left, err)
			}
			return s.Fault.(*PowerLoss).Outcome().Text
		}},
		{Kind: "return_empty", Fault: kinds{}.ReturnEmpty(), Begin: write, Shows: func(s *faulttest.Subject) string {
			restart(s)
			if id := s.MustAsk("CLUSTER", "MYID"); id != s.Node.ID {
				s.Errorf("it came back as %s, and was %s", id, s.Node.ID)
			}
			keys := s.MustAsk("DBSIZE")
			if keys != "0" {
				s.Errorf("it came back with %s keys", keys)
			}
			killAgain(s)
			return "it comes back as the same node, DBSIZE " + keys
		}},
		{Kind: "damage", Fault: &Damage{File: "rdb", How: "flip", Where: "anywhere", Bytes: 1}, Shows: func(s *faulttest.Subject) string {
			told := s.Fault.(*Damage).Outcome().Text
			if !strings.Contains(told, "refused to start: ") {
				s.Error(told)
			}
			return told
		}},
		// These are other nodes by their ids afterwards.
		{Kind: "return_empty nodes_conf: remove", Fault: &ReturnEmpty{NodesConf: removeNodesConf, Address: sameAddress}, Begin: write, Shows: isAnother},
		{Kind: "return_empty nodes_conf: remove address: new", Fault: &ReturnEmpty{NodesConf: removeNodesConf, Address: newAddress}, Replica: true, Shows: func(s *faulttest.Subject) string {
			return isAnother(s) + isElsewhere(s)
		}},
		{Kind: "return_empty address: new", Fault: &ReturnEmpty{NodesConf: keepNodesConf, Address: newAddress}, Replica: true, Shows: func(s *faulttest.Subject) string {
			restart(s)
			told := "it comes back as the same node" + isElsewhere(s)
			killAgain(s)
			return told
		}},
	})
}

// restart starts the server, once it has ended.
func restart(s *faulttest.Subject) {
	s.AwaitGone()
	if err := s.Start(s.Context(), s.Node.Name); err != nil {
		s.Fatal(err)
	}
	for _, n := range s.Nodes() {
		if n.Name == s.Node.Name {
			s.Node.Addr = n.Addr
		}
	}
	s.AwaitRestart()
}

// killAgain has a fault be in force again whose server was started.
func killAgain(s *faulttest.Subject) {
	if err := s.Signal(s.Context(), s.Node.Name, "SIGKILL"); err != nil {
		s.Fatal(err)
	}
	s.AwaitGone()
}

// isElsewhere says that the server announces the address that its node has by now, which is another one than the one
// that the cluster was formed with.
func isElsewhere(s *faulttest.Subject) string {
	line := s.MustAsk("CLUSTER", "NODES")
	for each := range strings.Lines(line) {
		if strings.Contains(each, "myself") {
			line = each
		}
	}
	if !strings.Contains(line, " "+s.Node.Addr+"@") {
		s.Errorf("it has the address %s, and announces %s", s.Node.Addr, line)
	}
	return ", at another address"
}

// isAnother starts the server, which knows nobody and has nothing.
func isAnother(s *faulttest.Subject) string {
	restart(s)
	if id := s.MustAsk("CLUSTER", "MYID"); id == s.Fault.(*ReturnEmpty).was.ID {
		s.Errorf("it came back as %s, as which it was known", id)
	}
	known, keys := strings.Count(s.MustAsk("CLUSTER", "NODES"), "\n"), s.MustAsk("DBSIZE")
	if known != 1 || keys != "0" {
		s.Errorf("it came back with %s keys, and knows %d nodes", keys, known)
	}
	return fmt.Sprintf("it comes back as another node, knows %d node, itself, DBSIZE %s", known, keys)
}

// refusesWrites waits until the server takes no writes, as it cannot append them to its AOF.
func refusesWrites(s *faulttest.Subject) string {
	key, answer := s.Key(), ""
	took := faulttest.Eventually(s, "writes are refused", func() error {
		_, err := s.Ask("SET", key, "x")
		if err == nil || !strings.HasPrefix(err.Error(), "MISCONF") {
			return fmt.Errorf("SET: %v", err)
		}
		answer = err.Error()
		return nil
	})
	return fmt.Sprintf("SET after %d ms: %.80s", took.Milliseconds(), answer)
}

// write has the server have keys in its AOF.
func write(s *faulttest.Subject) {
	key := s.Key()
	for range 100 {
		s.MustAsk("APPEND", key, "0123456789")
	}
}

// unsynced is the value of a key that was not fsynced.
const unsynced = "unsynced"

// writeUnsynced has the server ack a write that it does not fsync.
func writeUnsynced(s *faulttest.Subject) {
	key := s.Key()
	faulttest.Eventually(s, "writes are taken", func() error { // another fault may have been healed just now
		_, err := s.Ask("DEL", key)
		return err
	})
	s.MustAsk("CONFIG", "SET", "appendfsync", "no")
	s.MustAsk("SET", key, unsynced)
}
