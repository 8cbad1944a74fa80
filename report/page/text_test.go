package page

import "testing"

func TestTable(t *testing.T) {
	got := Table(Section{Columns: Columns("figure", ">median", ""), Rows: [][]string{
		{"`failover_time`", "**4.03 s**", "ok"},
		{"lost\x1b[31m", "–", ""},
		{"résumé", "12,345", "a\nb"},
	}})
	want := "" +
		"  figure         median\n" +
		"  failover_time  4.03 s  ok\n" +
		"  lost\\x1b[31m        –\n" +
		"  résumé         12,345  a\\nb\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
