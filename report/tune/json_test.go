package tune

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/stats"
)

func encoded(t *testing.T, s *Tune) string {
	t.Helper()
	var b bytes.Buffer
	if err := writeJSON(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadWhatWasWritten(t *testing.T) {
	for name, s := range map[string]*Tune{
		"a sweep": simulate(1).sweep("500ms", "1s", "2s"), "nothing": {Schema: Schema},
		"never": given(point("2s", 3600, 2200).taking(stats.Never)),
	} {
		s.Decide()
		text := encoded(t, s)
		if strings.Contains(text, ": null,\n      \"runs\"") || strings.Contains(text, `"points": null`) {
			t.Errorf("%s: a list is null", name)
		}
		again, err := Read(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(again, s.listed()) {
			t.Errorf("%s: it is not the same", name)
		}
		if encoded(t, again) != text {
			t.Errorf("%s: it is written otherwise", name)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	s := simulate(1).sweep("1s", "2s")
	s.Decide()
	var fields map[string]any
	if err := json.Unmarshal([]byte(encoded(t, s)), &fields); err != nil {
		t.Fatal(err)
	}
	// set is the sweep with a field changed, by its path.
	set := func(value any, path ...any) string {
		var copied map[string]any
		text, err := json.Marshal(fields)
		if err == nil {
			err = json.Unmarshal(text, &copied)
		}
		if err != nil {
			t.Fatal(err)
		}
		var at any = copied
		for _, step := range path[:len(path)-1] {
			switch step := step.(type) {
			case string:
				at = at.(map[string]any)[step]
			case int:
				at = at.([]any)[step]
			}
		}
		switch last := path[len(path)-1].(type) {
		case string:
			at.(map[string]any)[last] = value
		case int:
			at.([]any)[last] = value
		}
		text, err = json.Marshal(copied)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for want, text := range map[string]string{
		"is not JSON of a sweep: line 1: unexpected end": "",
		"line 2: invalid character":                      "{\n\"schema\": nonsense}",
		"cannot unmarshal array":                         "[]",
		`has the schema "redis-chaos/set/v1", and that of a sweep is "redis-chaos/tune/v1"`: `{"schema": "redis-chaos/set/v1"}`,
		`has the schema ""`:                                            "{}",
		"it has 3 values of 1 parameter":                               set([]string{"a", "b", "c"}, "points", 0, "values"),
		`points[1]: failure "scenario": run`:                           set("../../elsewhere", "points", 1, "failures", 0, "runs", 2, "dir"),
		`is in "javascript:alert(1)", which is no folder`:              set("javascript:alert(1)", "points", 1, "failures", 0, "runs", 2, "dir"),
		`is in "/etc", which is no folder within that of the sweep`:    set("/etc", "points", 0, "hiccups", 0, "runs", 0, "dir"),
		"has a client_recovery of -5":                                  set(-5, "points", 0, "failures", 0, "runs", 0, "values", "client_recovery"),
		`a figure is a number or "never", not "soon"`:                  set("soon", "points", 0, "failures", 0, "runs", 0, "values", "client_recovery"),
		"trials[3] lasted -1 ms":                                       set(-1, "points", 0, "hiccups", 0, "trials", 3, "length_ms"),
		"is not within its interval":                                   set(1e9, "points", 0, "hiccups", 0, "threshold", "l05_ci_ms", 0),
		"the threshold is -3 ms":                                       set(-3, "points", 0, "hiccups", 0, "threshold", "l50_ms"),
		"13 of 12 trials caused a failover":                            set(13, "points", 0, "hiccups", 0, "false_failovers"),
		"it is predicted to take from 10 to 5 ms":                      set([]int{10, 5}, "points", 0, "predicted_ms"),
		"it is predicted to take -1 ms":                                set(-1, "points", 0, "predicted_mean_ms"),
		"--tolerate is a length of time":                               set(-1, "tolerate_ms"),
		"point 7 is none of 2 points":                                  set(7, "recommendation", "point"),
		"runner-up -1 is none of 2 points":                             set([]int{-1}, "recommendation", "runners_up"),
		"3 verdicts on 2 points":                                       set([]any{map[string]any{}, map[string]any{}, map[string]any{}}, "recommendation", "verdicts"),
		`parameter "cluster.config.cluster-node-timeout" has 0 values`: set([]string{}, "parameters", 0, "values"),
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	text := encoded(t, s)
	if _, err := read(strings.NewReader(text), int64(len(text))); err != nil {
		t.Error(err)
	}
	if _, err := read(strings.NewReader(text), int64(len(text))-1); err == nil || !strings.Contains(err.Error(), "bytes, and so no file of a sweep") {
		t.Errorf("%v", err)
	}
}
