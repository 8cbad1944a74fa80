package cli

import (
	"errors"
	"testing"
)

func TestComposeErrorSpeaksTheEnginesWords(t *testing.T) {
	failed := errors.New("exit status 1")
	for output, want := range map[string]string{
		// docker-compose 1.29
		"Creating a-1 ... \nCreating a-1 ... error\n\nERROR: for a-1  Cannot start service a: Bind for 127.0.0.1:6379 failed: port is already allocated\n\n" +
			"ERROR: for a-1  Cannot start service a: Bind for 127.0.0.1:6379 failed: port is already allocated\nEncountered errors while bringing up the project.\n": "for a-1  Cannot start service a: Bind for 127.0.0.1:6379 failed: port is already allocated",
		// docker compose 2.26
		" Network x  Creating\n Network x  Error\nfailed to create network x: Error response from daemon: Pool overlaps with other one on this address space\n": "Pool overlaps with other one on this address space",
		"what is this\n": "exit status 1: what is this",
	} {
		if got := composeError(failed, output).Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
