package failure

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/workload/history"
)

// Errors of one kind that lie a second apart are told apart, whichever clients met them.
func TestErrorRows(t *testing.T) {
	type met struct {
		client int
		err    error
		ms     record.Millis
	}
	for name, test := range map[string]struct {
		met  []met
		want []string
	}{
		"close together":  {[]met{{0, io.EOF, 10}, {0, io.EOF, 1009}, {0, io.EOF, 2008}}, []string{"3 eof 10–2008"}},
		"a second apart":  {[]met{{0, io.EOF, 10}, {0, io.EOF, 1010}, {0, io.EOF, 1020}}, []string{"1 eof 10–10", "2 eof 1010–1020"}},
		"another between": {[]met{{0, io.EOF, 10}, {1, io.EOF, 800}, {0, io.EOF, 1500}}, []string{"3 eof 10–1500"}},
		"two clients":     {[]met{{1, io.EOF, 3000}, {0, io.EOF, 10}, {1, io.EOF, 3010}}, []string{"1 eof 10–10", "2 eof 3000–3010"}},
		"a later client":  {[]met{{0, io.EOF, 10}, {0, io.EOF, 9000}, {1, io.EOF, 20}, {1, io.EOF, 9001}}, []string{"2 eof 10–20", "2 eof 9000–9001"}},
		"out of order":    {[]met{{0, io.EOF, 30}, {0, io.EOF, 10}, {0, io.EOF, 20}}, []string{"3 eof 10–30"}},
		"two kinds":       {[]met{{0, io.EOF, 10}, {0, syscall.ECONNRESET, 500}, {0, io.EOF, 1100}}, []string{"1 eof 10–10", "1 reset 500–500", "1 eof 1100–1100"}},
	} {
		var clients [2]Rows
		for _, m := range test.met {
			clients[m.client].Add(history.Indeterminate, m.err, m.ms)
		}
		var sum Rows
		sum.Merge(clients[0])
		sum.Merge(clients[1])
		var got []string
		for _, e := range sum.List() {
			got = append(got, fmt.Sprintf("%d %s %g–%g", e.Count, e.Kind, e.First, e.Last))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// However long errors come and go, their rows are bounded, and none is left out.
func TestErrorRowsAreBounded(t *testing.T) {
	var sum Rows
	for client := range 3 {
		var rows Rows
		for i := range 200 {
			rows.Add(history.Indeterminate, errors.New("i/o"), record.Millis(10_000*i+3000*client))
		}
		for _, of := range rows {
			if len(of) != maxErrorRows {
				t.Errorf("%d rows of a client", len(of))
			}
		}
		sum.Merge(rows)
	}
	list := sum.List()
	if len(list) != maxErrorRows {
		t.Fatalf("%d rows", len(list))
	}
	var count int64
	for i, e := range list {
		count += e.Count
		if i > 0 && e.First-list[i-1].Last < Gap {
			t.Errorf("%+v right after %+v", e, list[i-1])
		}
	}
	if last := list[len(list)-1].Last; count != 600 || last != 10_000*199+6000 {
		t.Errorf("%d errors until %g ms", count, last)
	}
}
