package page

import "testing"

func TestMarkdownOfARecordsText(t *testing.T) {
	for name, test := range map[string]struct{ text, inline, cell string }{
		"a name":                {"redis-master-1", "redis-master-1", "redis-master-1"},
		"an underscore":         {"cluster_state:ok is `fail?`", "cluster_state:ok is `fail?`", "cluster_state:ok is `fail?`"},
		"figures":               {"0.75 % of 60,000 (7.96 – 8 s), shard [0] < 1", "0.75 % of 60,000 (7.96 – 8 s), shard [0] < 1", "0.75 % of 60,000 (7.96 – 8 s), shard [0] < 1"},
		"a bound":               {"<= 8s", "<= 8s", "<= 8s"},
		"strong":                {"**8.22 s** of `a_b`", "**8.22 s** of `a_b`", "**8.22 s** of `a_b`"},
		"an address":            {"dial tcp [::1]:6379: connection refused", "dial tcp [::1]:6379: connection refused", "dial tcp [::1]:6379: connection refused"},
		"a command of CI":       {"** ::error::x::**", `:\x3aerror::x::`, `:\x3aerror::x::`},
		"a pipe":                {`a|b \| c\\`, `a\|b \\\| c\\\\`, `a\|b \\\| c\\\\`},
		"a pipe in code":        {"`a|b`", "`a|b`", `a\|b`},
		"a backslash and pipe":  {"`a\\|b`", "`a\\|b`", `a\\\|b`},
		"several lines":         {"a\r\n# b\n- c\n\n| d |", `a # b - c  \| d \|`, `a # b - c  \| d \|`},
		"HTML":                  {"<script>x</script><!-- y", `\<script>x\</script>\<!-- y`, `\<script>x\</script>\<!-- y`},
		"a link":                {"[x](javascript:alert) ![y](http://z) <http://z>", `\[x\](javascript:alert) ![y\](http:\//z) \<http:\//z>`, `[x\](javascript:alert) ![y\](http:\//z) \<http:\//z>`},
		"a link by itself":      {"see www.evil.example", `see www\.evil.example`, `see www\.evil.example`},
		"an entity":             {"&lt;b&gt; a&b &#60;", `\&lt;b\&gt; a&b \&#60;`, `\&lt;b\&gt; a&b \&#60;`},
		"emphasis":              {"*a* _b_ ~c~ $d$", `\*a\* \_b\_ \~c\~ \$d\$`, `\*a\* \_b\_ \~c\~ \$d\$`},
		"a mark without end":    {"a `b **c", "a \\`b \\*\\*c", "a \\`b \\*\\*c"},
		"empty marks":           {"a `` b **** c", "a  b  c", "a  b  c"},
		"loose strong":          {"** a**", `a`, `a`},
		"a heading":             {"# x", `\# x`, "# x"},
		"a list":                {"- x", `\- x`, "- x"},
		"a negative figure":     {"-7.75 s", "-7.75 s", "-7.75 s"},
		"a rule":                {"---", `\---`, "---"},
		"a numbered list":       {"1. x", `1\. x`, "1. x"},
		"a quote":               {"> x", `\> x`, "> x"},
		"a definition":          {"[x]: javascript:y", `\[x]: javascript:y`, `[x]: javascript:y`},
		"indented":              {"      x", "x", "x"},
		"fences":                {"```sh", "\\`sh", "\\`sh"},
		"a terminal's sequence": {"\x1b[31mred \u202e\xff", `\x1b[31mred \u202e\xff`, `\x1b[31mred \u202e\xff`},
		"nothing":               {"", "", ""},
	} {
		if got := Inline(test.text); got != test.inline {
			t.Errorf("%s: Inline(%q) is %q, want %q", name, test.text, got, test.inline)
		}
		if got := Cell(test.text); got != test.cell {
			t.Errorf("%s: Cell(%q) is %q, want %q", name, test.text, got, test.cell)
		}
	}
}
