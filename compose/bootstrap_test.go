package compose

import (
	"context"
	"errors"
	"testing"
	"time"
)

// unaware is a context whose deadline has passed, and that does not tell yet.
type unaware struct{ context.Context }

func (unaware) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }

func TestEnded(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		want error
	}{
		"without a deadline":           {t.Context(), nil},
		"before its deadline":          {late, nil},
		"canceled":                     {canceled, context.Canceled},
		"canceled after its deadline":  {unaware{canceled}, context.Canceled},
		"its deadline has just passed": {unaware{t.Context()}, context.DeadlineExceeded},
	} {
		if got := Ended(test.ctx); !errors.Is(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
