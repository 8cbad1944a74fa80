package visible

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
)

func TestText(t *testing.T) {
	for name, test := range map[string]struct{ text, line, want string }{
		"plain":              {"redis-master-1 → cluster_state:ok", `redis-master-1 → cluster_state:ok`, "redis-master-1 → cluster_state:ok"},
		"several lines":      {"a\n\tb", `a\n\tb`, "a\n\tb"},
		"colour":             {"\x1b[31mred", `\x1b[31mred`, `\x1b[31mred`},
		"a new title":        {"\x1b]0;owned\a", `\x1b]0;owned\x07`, `\x1b]0;owned\x07`},
		"overwriting":        {"FAIL\rPASS", `FAIL\rPASS`, `FAIL\rPASS`},
		"backspace, NUL":     {"a\bb\x00c\x7f", `a\x08b\x00c\x7f`, `a\x08b\x00c\x7f`},
		"C1":                 {"\u009b31m", `\u009b31m`, `\u009b31m`},
		"no UTF-8":           {"\x9b31m\xff", `\x9b31m\xff`, `\x9b31m\xff`},
		"other direction":    {"a\u202eb\u2066c\u200f", `a\u202eb\u2066c\u200f`, `a\u202eb\u2066c\u200f`},
		"unseen":             {"a\u200bb\ufeff\U000e0041\u2028", `a\u200bb\ufeff\U000e0041\u2028`, `a\u200bb\ufeff\U000e0041\u2028`},
		"other scripts":      {"نمی\u200cخواهم 漢字 👩\u200d🔧 é", "نمی\u200cخواهم 漢字 👩\u200d🔧 é", "نمی\u200cخواهم 漢字 👩\u200d🔧 é"},
		"replacement":        {"\ufffd", "\ufffd", "\ufffd"},
		"workflow command":   {"x\n ::set-output name=a::b", `x\n ::set-output name=a::b`, "x\n :\\x3aset-output name=a::b"},
		"at the beginning":   {"::error file=x::y", `:\x3aerror file=x::y`, `:\x3aerror file=x::y`},
		"an address":         {"::1 and ::ffff:127.0.0.1", "::1 and ::ffff:127.0.0.1", "::1 and ::ffff:127.0.0.1"},
		"old commands":       {"a ##[error]b ##vso[task.x]", `a #\x23[error]b #\x23vso[task.x]`, `a #\x23[error]b #\x23vso[task.x]`},
		"a heading is none":  {"## Failovers", "## Failovers", "## Failovers"},
		"nothing":            {"", "", ""},
		"backslashes remain": {`C:\x1b`, `C:\x1b`, `C:\x1b`},
	} {
		if got := Text(test.text); got != test.want {
			t.Errorf("%s: Text(%q) is %q, want %q", name, test.text, got, test.want)
		}
		if got := Line(test.text); got != test.line {
			t.Errorf("%s: Line(%q) is %q, want %q", name, test.text, got, test.line)
		}
		if got := Text(Text(test.text)); got != test.want {
			t.Errorf("%s: a second time changes it to %q", name, got)
		}
	}
}

func TestJSONStaysTheSameData(t *testing.T) {
	for _, s := range []string{"plain → é", "\x1b[31m\x7f\u009b\u202e\U000e0041\u2028\n\r\t", "##[error] ###vso[x]", `a"b\c<>&`, "no UTF-8 \xff"} {
		encoded, err := json.MarshalIndent(map[string]string{"text": s}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		shown := JSON(string(encoded))
		var back map[string]string
		if err := json.Unmarshal([]byte(shown), &back); err != nil || back["text"] != strings.ToValidUTF8(s, "\ufffd") {
			t.Errorf("%q became %q (%v) by way of %s", s, back["text"], err, shown)
		}
		if Text(shown) != shown {
			t.Errorf("%q is not visible in %s", s, shown)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("\x1b[31m\u202e::error::x\n##[y]\xff")
	f.Fuzz(func(t *testing.T, s string) {
		text, line := Text(s), Line(s)
		for _, r := range text {
			if r != '\n' && r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q holds %q", text, r)
			}
		}
		if strings.ContainsAny(line, "\n\t\r") {
			t.Errorf("%q is no line", line)
		}
		if Text(text) != text || Text(line) != line {
			t.Errorf("%q changes again", s)
		}
	})
}
