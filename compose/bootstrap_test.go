package compose

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
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

// A server that answers without an end is not listened to for ever, and one that answers each
// of many commands is.
func TestAnswersWithoutAnEnd(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	conn, err := boundedDialer(func(context.Context, string, string) (net.Conn, error) { return client, nil })(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { // a server of which each command gets a quarter of what it may
		command, answer := make([]byte, 1), make([]byte, mostAnswer/4)
		for {
			if _, err := server.Read(command); err != nil {
				return
			}
			for range command[0] {
				if _, err := server.Write(answer); err != nil {
					return
				}
			}
		}
	}()
	hear := func(answers byte) error {
		if _, err := conn.Write([]byte{answers}); err != nil {
			return err
		}
		_, err := io.CopyN(io.Discard, conn, int64(answers)*mostAnswer/4)
		return err
	}
	for range 10 {
		if err := hear(4); err != nil {
			t.Fatal(err)
		}
	}
	if err := hear(5); err == nil || !strings.Contains(err.Error(), "answers with more than 16777216 bytes") {
		t.Errorf("%v", err)
	}
}

// A wait that is interrupted is that alone: what it waited for is no failure beside it.
func TestAnInterruptedWaitIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	missing := errors.New("sees 7 nodes instead of 6")
	err := poll(ctx, func() error { cancel(); return missing })
	if !errors.Is(err, context.Canceled) || errors.Is(err, missing) || err.Error() != "context canceled: sees 7 nodes instead of 6" {
		t.Errorf("%v", err)
	}
}
