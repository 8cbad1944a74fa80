package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/compose/journal/journaltest"
	"github.com/redis-chaos/redis-chaos/compose/local"
	"github.com/redis-chaos/redis-chaos/report/record"
)

// recordedRun is the folder of a run that was recorded on a real cluster.
const recordedRun = "../../report/testdata/master-kill"

func TestReportRendersAFolderAgain(t *testing.T) {
	out := filepath.Join(t.TempDir(), "again")
	code, stdout, stderr := chaosCommand(t, "report", recordedRun, "--out", out)
	if code != exitOK || !strings.Contains(stdout, "PASS: master-kill") || !strings.Contains(stdout, "report: "+filepath.Join(out, "report.md")) || stderr != "" {
		t.Errorf("exit %d:\n%s%s", code, stdout, stderr)
	}
	code, stdout, _ = chaosCommand(t, "report", recordedRun, "--json", "--out", out)
	written, err := os.ReadFile(filepath.Join(out, "result.json"))
	if code != exitOK || err != nil || stdout != string(written) {
		t.Errorf("exit %d, %v; on stdout and in result.json:\n%s\n%s", code, err, stdout, written)
	}
	// The verdict of the run is not that of rendering it.
	if code, stdout, _ := chaosCommand(t, "report", "../../report/testdata/master-stop", "--out", out); code != exitOK || !strings.Contains(stdout, "FAIL: master-stop") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
}

// What is left of a run may be its result alone.
func TestReportOfAResultAlone(t *testing.T) {
	of := func(run string) string {
		t.Helper()
		out := t.TempDir()
		if code, _, stderr := chaosCommand(t, "report", run, "--out", out); code != exitOK {
			t.Fatalf("exit %d:\n%s", code, stderr)
		}
		return out
	}
	whole := of(recordedRun)
	read := func(dir, name string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	alone := t.TempDir()
	if err := os.WriteFile(filepath.Join(alone, "result.json"), []byte(read(whole, "result.json")), 0o644); err != nil {
		t.Fatal(err)
	}
	const lacks = "\n- The record of the run (events.ndjson) is not there"
	for range 2 { // which is told once
		alone = of(alone)
		md := read(alone, "report.md")
		told, _, _ := strings.Cut(md, lacks)
		if !strings.HasPrefix(read(whole, "report.md"), told) || strings.Count(md, lacks) != 1 {
			t.Errorf("the report is another one:\n%s", md)
		}
		if _, err := os.Stat(filepath.Join(alone, "latency.hlog")); err == nil {
			t.Error("latencies are made of nothing")
		}
	}
	if err := os.WriteFile(filepath.Join(alone, "result.json"), []byte(`{"schema":"redis-chaos/set/v1"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := chaosCommand(t, "report", alone); code != exitNotRun || !strings.Contains(stderr, "its schema is") {
		t.Errorf("exit %d:\n%s", code, stderr)
	}
}

func TestReportOfWhatIsNoRun(t *testing.T) {
	const scenario = "name: x\nduration: 1s\n"
	folder := func(files map[string]string) string {
		dir := t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	aFile := write(t, "file", "")
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no folder":          {nil, exitUsage, "chaos report takes the folder of one run, not 0; the newest is chaos-runs/latest"},
		"two folders":        {[]string{"a", "b"}, exitUsage, "not 2"},
		"missing folder":     {[]string{aFile + "-not"}, exitUsage, "there is nothing of that name"},
		"a file":             {[]string{aFile}, exitUsage, "is not the folder of a run, but a file"},
		"empty folder":       {[]string{folder(nil)}, exitUsage, "has no scenario.yaml; name the folder of one run"},
		"--out is a file":    {[]string{recordedRun, "--out", aFile}, exitUsage, "is a file; name a folder"},
		"no events.ndjson":   {[]string{folder(map[string]string{"scenario.yaml": scenario})}, exitNotRun, "events.ndjson: the run ended before its cluster was up"},
		"empty record":       {[]string{folder(map[string]string{"scenario.yaml": scenario, "events.ndjson": ""})}, exitNotRun, "events.ndjson is empty: "},
		"nothing but damage": {[]string{folder(map[string]string{"scenario.yaml": scenario, "events.ndjson": "x\ny"})}, exitNotRun, "holds no event"},
		"broken scenario": {[]string{folder(map[string]string{"scenario.yaml": scenario + "mastres: 3\n", "events.ndjson": ""})}, exitNotRun,
			"scenario.yaml:3:1: unknown key \"mastres\""},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := chaosCommand(t, append([]string{"report"}, test.args...)...)
			if code != test.code || !strings.Contains(stderr, test.want) || stdout != "" {
				t.Errorf("exit %d, stdout %q, stderr:\n%s\nwant exit %d and %q", code, stdout, stderr, test.code, test.want)
			}
		})
	}
}

// The record is on disk while the run goes on: what is left of one that was
// killed can be reported on.
func TestReportOfAKilledRun(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("needs redis-server: apt-get install redis-server")
	}
	out := t.TempDir()
	scenario := write(t, "s.yaml", "name: test-killed\nduration: 60s\nworkloads:\n"+
		"- {name: orders, clients: 4, rate: 100, keys: 10, client: {dial_timeout: 300ms, cluster_state_reload_interval: 500ms}}\n"+
		"cluster: {config: {cluster-node-timeout: 3000}}\nfaults: [{at: 1s, kill: {role: master, shard: 0}}]\n")
	cmd := exec.Command(build(t), "run", scenario, "--runtime", "local", "--out", out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// That something of another run cannot be removed is no failure of this test.
		if _, err := local.RemoveStale(context.Background()); err != nil {
			t.Log(err)
		}
		const patience = time.Minute // another process may be at it
		for start := time.Now(); len(journaltest.Entries(t, runIn(t, out))) > 0; time.Sleep(50 * time.Millisecond) {
			if time.Since(start) > patience {
				t.Error("what the killed run left behind is not removed")
				break
			}
		}
	})
	recorded := func() bool { // a write that the new master acked
		text, _ := os.ReadFile(filepath.Join(out, "latest", "events.ndjson"))
		return bytes.Contains(text, []byte(`"shard":0,"node":"redis-replica-1"`)) && bytes.Contains(text, []byte(`"type":"slot_owner"`))
	}
	for deadline := time.Now().Add(time.Minute); !recorded(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			cmd.Wait()
			t.Fatal("the failover is not in the file of the record while the run goes on")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()

	code, stdout, stderr := chaosCommand(t, "report", filepath.Join(out, "latest"), "--json")
	var result struct {
		Verdict, Error string
		Failovers      []struct {
			ClientRecovery *record.Millis `json:"client_recovery_ms"`
		}
		Notes []string
	}
	if err := json.Unmarshal([]byte(stdout), &result); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v:\n%s%s", code, err, stdout, stderr)
	}
	notes := strings.Join(result.Notes, "\n")
	if result.Verdict != "error" || result.Error != "the record ends before the run does" || !strings.Contains(notes, "what the workloads counted (orders)") {
		t.Errorf("%+v", result)
	}
	if len(result.Failovers) != 1 || result.Failovers[0].ClientRecovery == nil {
		t.Errorf("failovers %+v", result.Failovers)
	}
}
