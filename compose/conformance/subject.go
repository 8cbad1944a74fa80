package conformance

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/view"
)

const (
	// patience is how long something that must happen may take.
	patience = 30 * time.Second
	// pause is how long a node that must not answer is waited for.
	pause = 300 * time.Millisecond
	// answerTime is how long a node that must answer may take, on a busy machine.
	answerTime = 10 * time.Second
)

// Cluster is a deployed cluster.
type Cluster struct {
	compose.Cluster
	// Leftovers are the runtime's, of this cluster.
	Leftovers func(t *testing.T) []string
}

// subject is a cluster with what its watchers have seen so far.
type subject struct {
	Cluster
	t    *testing.T
	seen *sightings
}

func newSubject(t *testing.T, c Cluster) *subject {
	return &subject{Cluster: c, t: t, seen: watch(t, c)}
}

// in is the subject as a subtest has it.
func (s *subject) in(t *testing.T) *subject {
	return &subject{Cluster: s.Cluster, t: t, seen: s.seen}
}

func (s *subject) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// looks fails unless the runtime sees a node in a condition.
func (s *subject) looks(name string, want compose.Condition) {
	s.t.Helper()
	got, err := s.Condition(s.t.Context(), name)
	s.must(err)
	if !reflect.DeepEqual(got, want) {
		s.t.Errorf("%s looks like %+v, want %+v", name, got, want)
	}
}

// node is a node by its name.
func (s *subject) node(name string) compose.Node {
	s.t.Helper()
	i := slices.IndexFunc(s.Nodes(), func(n compose.Node) bool { return n.Name == name })
	if i < 0 {
		s.t.Fatalf("no node %s", name)
	}
	return s.Nodes()[i]
}

// client is a client of one node that must answer.
func (s *subject) client(name string) *redis.Client {
	c := compose.DirectClient(s, s.node(name).Addr, answerTime)
	s.t.Cleanup(func() { c.Close() })
	return c
}

// answers tells whether a node answers within a moment.
func (s *subject) answers(name string) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), pause)
	defer cancel()
	c := compose.DirectClient(s, s.node(name).Addr, pause)
	defer c.Close()
	return c.Ping(ctx).Err()
}

// view is the cluster as a node sees it.
func (s *subject) view(name string) (view.View, error) {
	c := compose.DirectClient(s, s.node(name).Addr, answerTime)
	defer c.Close()
	return view.Fetch(s.t.Context(), c)
}

// flag is how one node sees another: "ok", "pfail", "fail".
func (s *subject) flag(by, of string) (string, error) {
	v, err := s.view(by)
	if err != nil {
		return "", err
	}
	for _, n := range v.Nodes {
		if n.ID == s.node(of).ID {
			return n.Flag, nil
		}
	}
	return "", fmt.Errorf("%s does not know %s", by, of)
}

// eventually waits until something is so.
func (s *subject) eventually(what string, f func() error) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: not within %s: %v", what, patience, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// expect runs f, waits until the node's happenings since hold the wanted ones in
// this order, maybe with others in between, and returns those.
func (s *subject) expect(node string, f func(), wanted ...compose.Happening) []compose.Happening {
	s.t.Helper()
	before := len(s.seen.of(node, 0))
	f()
	var found []compose.Happening
	s.eventually("the happenings of "+node, func() error {
		found = nil
		happened := s.seen.of(node, before)
		for _, h := range happened {
			if len(found) < len(wanted) && h.Action == wanted[len(found)].Action && h.Network == wanted[len(found)].Network {
				found = append(found, h)
			}
		}
		if len(found) < len(wanted) {
			return fmt.Errorf("want %v, have %v", wanted, happened)
		}
		return nil
	})
	if !slices.IsSortedFunc(found, func(a, b compose.Happening) int { return a.Time.Compare(b.Time) }) {
		s.t.Errorf("the times are not in order: %v", found)
	}
	for i, w := range wanted {
		if w.Exit != "" && found[i].Exit != w.Exit {
			s.t.Errorf("%s: exit status %q, want %q", found[i].Action, found[i].Exit, w.Exit)
		}
	}
	return found
}

// awaitAnswer waits until a node answers.
func (s *subject) awaitAnswer(name string) {
	s.t.Helper()
	s.eventually(name+" answers", func() error { return s.answers(name) })
}

// awaitWhole waits until every node sees every other well.
func (s *subject) awaitWhole() {
	s.t.Helper()
	for _, n := range s.Nodes() {
		s.eventually(n.Name+" sees the cluster whole", func() error {
			v, err := s.view(n.Name)
			if err != nil {
				return err
			}
			var ill []string
			for _, other := range v.Nodes {
				if other.Flag != "ok" || !other.LinkUp {
					ill = append(ill, other.Addr+" "+other.Flag)
				}
			}
			if v.State != "ok" || ill != nil {
				return fmt.Errorf("state %s, %v", v.State, ill)
			}
			return nil
		})
	}
}

// set stores a value under a key that the node owns, and returns the key.
func (s *subject) set(name, value string) string {
	s.t.Helper()
	c := s.client(name)
	var key string
	s.eventually("writing to "+name, func() error {
		var err error
		for i := range 100 {
			key = fmt.Sprintf("key-%d", i)
			if err = c.Set(s.t.Context(), key, value, 0).Err(); err == nil || !strings.HasPrefix(err.Error(), "MOVED") {
				break
			}
		}
		return err
	})
	return key
}

// restart starts a node that is down, and waits until it is back.
func (s *subject) restart(name string) {
	s.t.Helper()
	s.must(s.Start(s.t.Context(), name))
	s.awaitAnswer(name)
	s.awaitWhole()
}

// mustBeSilent fails if a node answers.
func (s *subject) mustBeSilent(name string) {
	s.t.Helper()
	if s.answers(name) == nil {
		s.t.Errorf("%s answers", name)
	}
}
