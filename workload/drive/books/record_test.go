package books

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

func newRecord() *record.Record { return record.New(record.NewClock(), io.Discard) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// describe is a value in full.
func describe(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
