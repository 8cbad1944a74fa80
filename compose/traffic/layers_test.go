package traffic

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// served is rules that stand nowhere, until they have ended.
type served struct {
	Rules
	stand  []Rule
	ended  bool
	closed bool
}

func (s *served) Apply(_ context.Context, rules []Rule) error {
	if s.ended {
		return fmt.Errorf("asking: %w", ErrEnded)
	}
	s.stand = slices.Clone(rules)
	return nil
}

func (s *served) Standing(context.Context) (is Standing, err error) {
	for _, r := range s.stand {
		one := StandingRule{ID: r.ID, Mechanism: Nftables, Packets: 7}
		one.Digest, err = digest(r)
		is.Rules = append(is.Rules, one)
	}
	return is, err
}

func (s *served) Close() error {
	s.closed = true
	return nil
}

// What served rules, and ended meanwhile, is opened again, and told of if there were any.
func TestLayersOfWhatHasEnded(t *testing.T) {
	var opened []*served
	open := func() (Rules, error) {
		opened = append(opened, &served{})
		return opened[len(opened)-1], nil
	}
	var l Layers
	drop := []Rule{{ID: "1", Match: Match{Direction: In}, Effect: Effect{Drop: &Drop{}}}}
	set := func(name string, rules []Rule, want string) {
		t.Helper()
		err := l.Set(t.Context(), open, name, rules)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if err := l.Set(t.Context(), func() (Rules, error) { return nil, ErrNoNamespace }, "none", nil); err != nil {
		t.Errorf("lifting what is nowhere: %v", err)
	}
	if err := l.Open(open); err != nil || !l.Opened() || l.Stand() {
		t.Errorf("opened: %v", err)
	}
	opened[0].ended = true
	set("a", drop, "") // no rule was there that could have lapsed
	if !l.Stand() || len(opened) != 2 || !opened[0].closed {
		t.Errorf("it was opened %d times", len(opened))
	}
	set("b", drop, "")
	if by := l.By("a"); List(by) != "nftables" || l.By("c") != nil {
		t.Errorf("a is by %v, c by %v", by, l.By("c"))
	}
	if done, err := l.Done(t.Context(), "b"); err != nil || len(done) != 1 || done[0].ID != "1" || done[0].Packets != 7 {
		t.Errorf("b has done %+v, %v", done, err)
	}
	if done, err := l.Done(t.Context(), "c"); err == nil {
		t.Errorf("what does not stand has done %+v", done)
	}
	opened[1].ended = true
	set("a", nil, "not in force all the time")
	if n := len(opened[2].stand); n != 1 {
		t.Errorf("%d rules stand, want that of b", n)
	}
	if done, err := l.Done(t.Context(), "b"); err == nil || !strings.Contains(err.Error(), "made anew") {
		t.Errorf("b was lost meanwhile, and has done %+v, %v", done, err)
	}
	set("b", nil, "")
	set("b", drop, "")
	if _, err := l.Done(t.Context(), "b"); err != nil {
		t.Errorf("b stands since: %v", err)
	}
	set("b", nil, "")
	if l.Stand() {
		t.Error("rules stand that were lifted")
	}
}
