package software

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server that has no directive tls-port was built without TLS; one that complains of its value was built with it.
func TestCheckTLS(t *testing.T) {
	for complaint, want := range map[string]string{
		"argument couldn't be parsed into an integer": "",
		"Bad directive or wrong number of arguments":  "built without TLS",
		"": "whether it speaks TLS",
	} {
		path := filepath.Join(t.TempDir(), "redis-server")
		script := "#!/bin/sh\nexit 1\n"
		if complaint != "" {
			script = "#!/bin/sh\ncat >&2 <<END\n*** FATAL CONFIG FILE ERROR ***\n>>> 'tls-port \"none\"'\n" + complaint + "\nEND\nexit 1\n"
		}
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		err := Program{Path: path, Binary: path}.CheckTLS(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", complaint, err, want)
		}
	}
	if real, err := FindProgram(""); err == nil {
		if err := real.CheckTLS(t.Context()); err != nil {
			t.Errorf("this machine's: %v", err)
		}
	}
}
