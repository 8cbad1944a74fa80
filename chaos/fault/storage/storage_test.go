package storage

import (
	"testing"
	"time"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/chaos/fault/faulttest"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/disk"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// What each of the faults is, beside what TestEffects shows that it does.
func TestDeeds(t *testing.T) {
	disturbs := []record.Effect{record.Disturbs}
	const liftAndStart = "disk of n: well, start n"
	for _, test := range []struct {
		fault chaos.Fault
		want  faulttest.Deeds
	}{
		{kinds{}.DiskFull(), faulttest.Deeds{
			Detail: "ENOSPC", Inject: `disk of n: {"full":{"bytes":0}}`, Heal: liftAndStart, Past: "left without room on its disk", Effects: disturbs,
		}},
		{&DiskFull{Room: 4096}, faulttest.Deeds{
			Detail: "ENOSPC after 4KiB", Inject: `disk of n: {"full":{"bytes":4096}}`, Heal: liftAndStart, Past: "left without room on its disk", Effects: disturbs,
		}},
		{kinds{}.DiskReadOnly(), faulttest.Deeds{
			Detail: "EROFS", Inject: `disk of n: {"read_only":true}`, Heal: liftAndStart, Past: "left with a disk that is read-only", Effects: disturbs,
		}},
		{kinds{}.IoError(), faulttest.Deeds{
			Detail: "EIO of write, fsync", Inject: `disk of n: {"fail":{"ops":["write","fsync"],"probability":1}}`, Heal: liftAndStart,
			Past: "left with a disk that fails", Effects: disturbs,
		}},
		{(&IOError{Operations: []string{"rename"}, Files: []string{"nodes.conf*"}, Share: 25}).Drawn(7), faulttest.Deeds{
			Detail: "25%: EIO of rename of nodes.conf*", Inject: `disk of n: {"fail":{"ops":["rename"],"names":["nodes.conf*"],"probability":0.25,"seed":7}}`, Heal: liftAndStart,
			Past: "left with a disk that fails", Effects: disturbs,
		}},
		{(&SlowFsync{Delay: units.Duration(time.Second), Jitter: units.Duration(time.Millisecond)}).Drawn(7), faulttest.Deeds{
			Detail: "fsync +1s ±1ms", Inject: `disk of n: {"slow":{"ops":["fsync"],"delay":1000000000,"jitter":1000000,"seed":7}}`, Heal: "disk of n: well",
			Past: "left with a slow disk", Effects: disturbs,
		}},
		{(&PowerLoss{Torn: true}).Drawn(7), faulttest.Deeds{
			Detail: "SIGKILL, a part of what was not fsynced dropped", Inject: "cut the power of n, torn: true", Heal: "start n",
			Effective: []chaos.Sign{{Action: compose.Died}}, Healed: []chaos.Sign{{Action: compose.Started}},
			Past: "cut from power", Effects: []record.Effect{record.Ends, record.Unsyncs},
		}},
	} {
		faulttest.Does(t, test.fault, test.want)
	}
}

func TestSettings(t *testing.T) {
	target := faulttest.Target()
	for _, test := range []struct {
		fault chaos.Fault
		want  string
	}{
		{&DiskFull{Selector: target, Room: 1}, ""},
		{&DiskFull{}, "no target"},
		{&DiskReadOnly{Selector: target}, ""},
		{&IOError{Selector: target, Share: 100}, ""},
		{&IOError{Selector: target, Share: 100, Operations: []string{"sync"}}, `operations: unknown operation "sync"; known: open, read, write, fsync, rename, remove, truncate`},
		{&IOError{Selector: target, Share: 100, Files: []string{"[a"}}, `files: pattern "[a" matches no file`},
		{&IOError{Selector: target, Share: 100, Files: []string{"/data/*"}}, `files: pattern "/data/*" matches no file`},
		{&IOError{Selector: target}, "share: 0% is out of range; write 0.01% to 100%"},
		{&SlowFsync{Selector: target, Delay: units.Duration(time.Second)}, ""},
		{&SlowFsync{Selector: target}, "delay: 0s is out of range; write 1ms to 1h"},
		{&SlowFsync{Selector: target, Delay: units.Duration(time.Second), Jitter: units.Duration(time.Minute)}, "jitter: 1m is out of range; write 0s to 1s (up to the delay)"},
		{&PowerLoss{Selector: target}, ""},
	} {
		faulttest.Accepts(t, test.fault, test.want)
	}
}

func TestLossText(t *testing.T) {
	for want, loss := range map[string]disk.Loss{
		"lost nothing": {},
		"lost 9 bytes of a (3 bytes of what was not fsynced are left), b": {Bytes: 9, Files: []disk.FileLoss{{Name: "a", Bytes: 4, Kept: 3}, {Name: "b", Bytes: 5}}},
		"lost nothing; undone: 1, 2, 3, 4, 5, 1 more":                     {Changes: []string{"1", "2", "3", "4", "5", "6"}},
	} {
		if got := lossText(loss); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
