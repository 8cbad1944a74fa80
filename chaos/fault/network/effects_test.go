package network

import (
	"testing"

	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
)

func TestEffects(t *testing.T) {
	faulttest.Effects(t, []faulttest.Effect{
		{Kind: "disconnect", Fault: kinds{}.Disconnect(), Shows: (*faulttest.Subject).AwaitUnreachable},
	})
}
