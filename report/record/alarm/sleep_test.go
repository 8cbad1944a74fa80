package alarm

import (
	"context"
	"testing"
	"time"
)

func TestSleepOfAContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if !Sleep(ctx, time.Millisecond) || !Sleep(ctx, 0) || !Sleep(ctx, -time.Second) {
		t.Error("cancelled, and nobody did")
	}
	cancel()
	if Sleep(ctx, time.Hour) || Sleep(ctx, 0) {
		t.Error("not cancelled")
	}
}
