package experiment

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/report/record"
)

// What was acked by the time of one status is in the file by the next: a run that is
// killed loses no more than what came after.
func TestAcksAreOnDiskWithinASecond(t *testing.T) {
	onThisMachine(t, func(t *testing.T, opts Options) {
		var told, statuses int64
		opts.Status = func(status string) {
			files, err := filepath.Glob(filepath.Join(opts.Out, "*", "events.ndjson"))
			if err != nil || len(files) == 0 {
				t.Errorf("%v, %v", files, err)
				return
			}
			f, err := os.Open(files[0])
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			events, _, err := record.Salvage(f)
			if err != nil {
				t.Error(err)
				return
			}
			var acked int64
			for _, e := range events {
				if row, ok := e.Data.(*record.Acks); ok {
					acked += row.Count
				}
			}
			if acked < told {
				t.Errorf("%d acks are on disk, of %d of a second ago", acked, told)
			}
			_, count, _ := strings.Cut(status, "orders: ")
			count, _, _ = strings.Cut(count, " acked")
			if told, err = strconv.ParseInt(strings.ReplaceAll(count, ",", ""), 10, 64); err != nil {
				t.Errorf("%q: %v", status, err)
			}
			statuses++
		}
		outcome, err := Run(t.Context(), parsed(t, "name: test-flush\nduration: 5s\nworkloads: [{name: orders, clients: 4, keys: 100}]\n"), opts)
		if err != nil || statuses < 2 || told == 0 {
			t.Errorf("%v, %d statuses, %d acked; %+v", err, statuses, told, outcome)
		}
	})
}
