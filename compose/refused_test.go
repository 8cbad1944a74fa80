package compose

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestErrorsOfNodesAreToldOnce(t *testing.T) {
	names := []string{"a", "b", "c"}
	same, other := errors.New("NOPERM"), errors.New("broken")
	for _, test := range []struct {
		errs []error
		want string
	}{
		{[]error{same, same, same}, "all 3 nodes: NOPERM"},
		{[]error{same, other, errors.New("NOPERM")}, "a, c: NOPERM\nb: broken"},
		{[]error{nil, same, nil}, "b: NOPERM"},
	} {
		if err := JoinByNode(names, test.errs); err == nil || err.Error() != test.want || !errors.Is(err, same) {
			t.Errorf("%v: want %s", err, test.want)
		}
	}
	if err := JoinByNode(names, make([]error, 3)); err != nil {
		t.Error(err)
	}
	if err := JoinByNode(names, []error{context.Canceled, context.Canceled, same}); !errors.Is(err, context.Canceled) || !errors.Is(err, same) {
		t.Error(err)
	}
}

func TestRefusalsNameTheirDirective(t *testing.T) {
	config := map[string][]string{"user": {"default on -@all"}, "rename-command": {"CLUSTER x", "KEYS y"}}
	for _, test := range []struct{ answer, more string }{
		{"NOPERM no permissions to run 'ping'", ": the tool needs this command, and cluster.config takes it away: user default on -@all"},
		{"NOAUTH Authentication required.", ": the tool needs this command, and cluster.config takes it away: user default on -@all"},
		{"ERR unknown command 'CLUSTER'", ": the tool needs this command, and cluster.config takes it away: rename-command CLUSTER x; KEYS y"},
		{"ERR wrong number of arguments", ""},
		{"LOADING", ""},
	} {
		err := fmt.Errorf("a: %w", Answer(test.answer))
		if got := ExplainRefusal(err, config); got.Error() != "a: "+test.answer+test.more || !errors.Is(got, Answer(test.answer)) {
			t.Errorf("got %v", got)
		}
		if got := ExplainRefusal(err, nil); got != err {
			t.Errorf("without a directive: %v", got)
		}
	}
}
