package set_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/set"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// rendered is a set in every form.
func rendered(t testing.TB, s *set.Set) map[string]string {
	t.Helper()
	forms := map[string]string{}
	summary := form.File("summary", set.Forms().Summary(page.TextOptions{}))
	for _, f := range append(set.Forms().Files, summary) {
		var b bytes.Buffer
		if err := f.Render(&b, s); err != nil {
			t.Fatal(err)
		}
		forms[f.Name] = b.String()
	}
	return forms
}

func TestForms(t *testing.T) {
	for name, wants := range map[string]map[string][]string{
		"master-kill": {
			"summary": {"PASS: 14 runs of master-kill, all 3 expectations of the set held\n", "The failover took 2.39 s in the median of 14 runs (95 % interval: 2.24 – 2.60 s), and 2.87 s in the slowest.",
				"No acked write was lost in any of 14 runs.", "Outlier: 20261126-100019-c7ec (failover_time 1.97 s, client_recovery 2.02 s, failed_ratio 0.68 %).",
				"ok    p95 of failover_time      want <= 3.2s  got p95 2.87 s of 14 runs [2.58 s, –]", "  failover_time    14  2.39 s  2.24 – 2.60 s  2.87 s       ≥ 2.58 s", "election_delay"},
			"set.md": {"| ✅ | p95 of `failover_time` | <= 3.2s |", "[20261126-100019-c7ec](master-kill-20261126-100019-c7ec/report.html)", "chaos run master-kill --repeat 14 --seed 42", "`cluster-node-timeout 1000`",
				"it takes 72 to bound it from above", "The same in every run that measured it: `failovers` 1", "```\nname: master-kill\n", "a new cluster takes 1.2 s"},
			"set.html": {`<span class="badge pass">PASS</span>14 runs of master-kill`, `<a href="master-kill-20261126-100019-c7ec/report.html"><circle class="outlier"`, "✓ held", "<summary>All other figures</summary>", "<strong>2.39 s</strong>",
				"<pre>chaos run master-kill --repeat 14", "95 % interval of the median", "expected: median of failover_time &lt;= 2.5s"},
			"junit.xml": {`tests="18" failures="0" errors="0"`, `name="p95 of failover_time &lt;= 3.2s"`, `name="master-kill-20261126-095721-1837" time="`},
		},
		"never": {
			"summary": {"FAIL: 10 runs of master-kill, none of 2 expectations of the set held\n", "The failover never came in 7 of 10 runs; in the others: 6.37 – 7.04 s.", "Applications never reached a new master in 7 of 10 runs",
				"FAIL  runs that passed      want >= 80%  got 3 of 10 runs, 30.00 % [6.67 %, 65.25 %]", "\n        failover_time         want <= 10s  got held in 3 of 10 runs", "never      7\n"},
			"set.md":    {"| ❌ | runs that passed |", "|  | `failover_time` | <= 10s | held in 3 of 10 runs |", "7 of 10 runs did not hold every expectation: `failovers` in 7"},
			"set.html":  {"median never, 6.37 s – never, never in 7 of 10", `class="never"`, "✗ missed"},
			"junit.xml": {`tests="13" failures="2" errors="0"`, "did not hold: failovers, failover_time, client_recovery"},
		},
		"master-partition": {
			"summary":  {"Acked writes were lost in 6 of 6 runs: 863 in the median, up to 1,031.", "1.02 % of operations failed in the median, up to 1.71 %."},
			"set.html": {"lost_writes", ">1000</text>"},
		},
	} {
		s, _ := recorded(t, name)
		forms := rendered(t, s)
		for form, texts := range wants {
			for _, want := range texts {
				if !strings.Contains(forms[form], want) {
					t.Errorf("%s, %s: %q is not there:\n%s", name, form, want, forms[form])
				}
			}
		}
		checkForms(t, forms)
		back, err := set.Read(strings.NewReader(forms["set.json"]))
		if err != nil {
			t.Fatal(err)
		}
		if again := rendered(t, back); again["set.html"] != forms["set.html"] || again["set.md"] != forms["set.md"] {
			t.Errorf("%s: it reads otherwise once it was written and read", name)
		}
	}
}

// A set in which something went wrong says so, and tells the rest.
func TestFormsOfAnError(t *testing.T) {
	s, scenario := recorded(t, "master-kill")
	s.Runs[3].Verdict, s.Runs[3].Error, s.Runs[3].Values = report.Error, "deploying the cluster: port 6379 is taken.\nmore", nil
	s.Runs[5].Verdict, s.Runs[5].Failed, s.Runs[5].Values["recovered"] = report.Fail, []string{"recovered", "incidents"}, 0
	for i, r := range s.Runs {
		delete(r.Values, "evicted")
		delete(r.Values, "expired")
		s.Runs[i].Unmeasured = map[string]string{"evicted": "the servers' counters are not known", "expired": "the servers' counters are not known"}
	}
	s = set.Aggregate(set.Set{How: set.How{Asked: 20, Until: "interrupt"}, Error: "interrupted after 14 of 20 runs"}, s.Runs, scenario)
	forms := rendered(t, s)
	checkForms(t, forms)
	for name, wants := range map[string][]string{
		"summary": {"ERROR: 14 runs of master-kill: interrupted after 14 of 20 runs", "was not carried out: deploying the cluster: port 6379 is taken.", "1 of 13 runs did not hold every expectation: recovered in 1, incidents in 1.",
			"FAIL  incidents                 want == 0     got held in 12 of 13 runs", "in the median of 13 runs"},
		"set.html":  {`<div class="why">interrupted after 14 of 20 runs</div>`, "14 of 20, until: interrupt"},
		"junit.xml": {`tests="18" failures="1" errors="2"`, "did not hold: recovered, incidents"},
		"set.md": {"`recovered`, `incidents`", "| error | – |", "- `recovered` is true in 12 of 13 runs.\n",
			"- Not measured in any run: `evicted`, `expired` (the servers' counters are not known).\n"},
	} {
		for _, want := range wants {
			if !strings.Contains(forms[name], want) {
				t.Errorf("%s: %q is not there:\n%s", name, want, forms[name])
			}
		}
	}
	checkForms(t, rendered(t, set.Aggregate(set.Set{}, nil, scenario)))
}

// The colours of the summary are its only control characters.
func TestColours(t *testing.T) {
	s, _ := recorded(t, "never")
	var b bytes.Buffer
	if err := set.Forms().Summary(page.TextOptions{Colour: true})(&b, s); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); !strings.HasPrefix(text, "\x1b[31mFAIL: ") || !strings.Contains(text, "\x1b[32mok  \x1b[0m  lost_writes") {
		t.Errorf("%q", text)
	}
}

// checkForms wants nothing but text of what a set says, and a page without scripts.
func checkForms(t testing.TB, forms map[string]string) {
	t.Helper()
	for name, text := range forms {
		for _, c := range text {
			if c != '\n' && c != '\t' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Fatalf("%s: %q is there raw", name, c)
			}
		}
		if name != "set.json" && text != visible.Text(text) {
			t.Errorf("%s: something is not visible", name)
		}
		for _, bad := range []string{"NaN", "+Inf", "%!"} {
			if name != "set.json" && name != "set.md" && strings.Contains(text, bad) {
				t.Errorf("%s: there is %s", name, bad)
			}
		}
	}
	var suite struct{}
	if err := xml.Unmarshal([]byte(forms["junit.xml"]), &suite); err != nil {
		t.Errorf("junit.xml: %v", err)
	}
	d := xml.NewDecoder(strings.NewReader(forms["set.html"]))
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local == "script" || start.Name.Local == "img" || start.Name.Local == "link" {
			t.Errorf("the page has <%s>", start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && strings.Contains(a.Value, ":") {
				t.Errorf("the page has %s=%q", a.Name.Local, a.Value)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "master-partition.json"))
	if err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	run := func(s object, i int) object { return s["runs"].([]any)[i].(object) }
	figure := func(s object) object { return s["figures"].([]any)[0].(object) }
	for want, change := range map[string]func(object){
		`its schema is "redis-chaos/result/v1", and only "redis-chaos/set/v1" is read; name the set.json of a set`: func(s object) { s["schema"] = report.Schema },
		`its verdict is "great", and can be pass, fail or error`:                                                   func(s object) { s["verdict"] = "great" },
		"its duration_ms is negative, or no number":                                                                func(s object) { s["duration_ms"] = -1 },
		"runs[2]: it has no id": func(s object) { run(s, 2)["id"] = "" },
		`runs[2]: its verdict is "", and can be pass, fail or error`:                                                                     func(s object) { run(s, 2)["verdict"] = "" },
		`runs[1]: its dir is "../../etc", which is not below the folder of the set`:                                                      func(s object) { run(s, 1)["dir"] = "../../etc" },
		`runs[1]: its dir is "/etc", which is not below the folder of the set`:                                                           func(s object) { run(s, 1)["dir"] = "/etc" },
		"runs[0]: cluster -1 and turn 0, neither of which can be negative":                                                               func(s object) { run(s, 0)["cluster"] = -1 },
		`runs[0]: its duration_ms is negative, or no number`:                                                                             func(s object) { run(s, 0)["duration_ms"] = -3 },
		`runs[1]: a second run "x"`:                                                                                                      func(s object) { run(s, 0)["id"], run(s, 1)["id"] = "x", "x" },
		`figures[0] (failover_time): its unit is "parsec", which is unknown`:                                                             func(s object) { figure(s)["unit"] = "parsec" },
		`figures[0] (failover_time): n is 7 and never 0, and the runs have 6 values, of which 0 are never`:                               func(s object) { figure(s)["n"] = 7 },
		`figures[0] (failover_time): n is 6 and unmeasured 1, of 6 runs`:                                                                 func(s object) { figure(s)["unmeasured"] = 1 },
		`figures[0] (failover_time): min, median, p95 and max are not in order`:                                                          func(s object) { figure(s)["min"] = "never" },
		`figures[0] (failover_time): n is 6, and min, median, p95 and max are not all as that has it: null of none, and numbers of some`: func(s object) { figure(s)["p95"] = nil },
		`figures[0] (): it has no name`:                                                                                                  func(s object) { figure(s)["name"] = "" },
		`a figure is a number or "never", not "soon"`:                                                                                    func(s object) { figure(s)["median"] = "soon" },
	} {
		var s object
		if err := json.Unmarshal(source, &s); err != nil {
			t.Fatal(err)
		}
		change(s)
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Read(bytes.NewReader(text)); err == nil || err.Error() != "reading a set: "+want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	for want, text := range map[string]string{
		"reading a set: unexpected end of JSON input":                                                        "",
		"reading a set: invalid character 'P' looking for beginning of value":                                "PASS",
		"reading a set: json: cannot unmarshal array into Go value of type set.Set":                          "[]",
		`reading a set: its schema is "", and only "redis-chaos/set/v1" is read; name the set.json of a set`: "{}",
	} {
		if _, err := set.Read(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	broken := io.MultiReader(strings.NewReader("{"), iotestError{})
	if _, err := set.Read(broken); err == nil || !strings.Contains(err.Error(), "reading a set: the disk") {
		t.Errorf("%v", err)
	}
}

type iotestError struct{}

func (iotestError) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }

// FuzzRead reads sets that somebody has tampered with. One that is accepted can be shown in every
// form, in which what it says is text.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("%v, %v", files, err)
	}
	var sources []string
	for i, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		sources = append(sources, string(text))
		for j, to := range []string{`\u001b[31m`, `<script>alert(1)</script>`, `never`, `javascript:alert(1)`, "**`|[x](y)", `::error::x`, `-1`, `1e308`, `\u202e`, `null`} {
			if (i+j)%3 != 0 { // all of them take their time
				continue
			}
			f.Add(uint8(i), []string{"master-kill", "orders", "redis", "failover_time", "dir", "2", "pass", "ms", "7.0.15", "p95"}[j], to)
		}
	}
	f.Fuzz(func(t *testing.T, file uint8, from, to string) {
		text := sources[int(file)%len(sources)]
		if len(from) > 0 && len(to) < 1000 {
			text = strings.ReplaceAll(text, from, to)
		}
		if len(text) > 1<<20 {
			t.Skip()
		}
		s, err := set.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		checkForms(t, rendered(t, s))
	})
}
