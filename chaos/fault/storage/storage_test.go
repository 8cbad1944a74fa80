package storage

import (
	"errors"
	"io/fs"
	"os"
	"slices"
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
		{&DiskFull{OnDisk: OnDisk{Selector: target}, Room: 1}, ""},
		{&DiskFull{}, "no target"},
		{&DiskReadOnly{OnDisk: OnDisk{Selector: target}}, ""},
		{&IOError{OnDisk: OnDisk{Selector: target}, Share: 100}, ""},
		{&IOError{OnDisk: OnDisk{Selector: target}, Share: 100, Operations: []string{"sync"}}, `operations: unknown operation "sync"; known: open, read, write, fsync, rename, remove, truncate`},
		{&IOError{OnDisk: OnDisk{Selector: target}, Share: 100, Files: []string{"[a"}}, `files: pattern "[a" matches no file`},
		{&IOError{OnDisk: OnDisk{Selector: target}, Share: 100, Files: []string{"/data/*"}}, `files: pattern "/data/*" matches no file`},
		{&IOError{OnDisk: OnDisk{Selector: target}}, "share: 0% is out of range; write 0.01% to 100%"},
		{&SlowFsync{OnDisk: OnDisk{Selector: target}, Delay: units.Duration(time.Second)}, ""},
		{&SlowFsync{OnDisk: OnDisk{Selector: target}}, "delay: 0s is out of range; write 1ms to 1h"},
		{&SlowFsync{OnDisk: OnDisk{Selector: target}, Delay: units.Duration(time.Second), Jitter: units.Duration(time.Minute)}, "jitter: 1m is out of range; write 0s to 1s (up to the delay)"},
		{&PowerLoss{Selector: target}, ""},
		{&ReturnEmpty{Selector: target, NodesConf: "keep", Address: "new"}, ""},
		{&ReturnEmpty{Selector: target, NodesConf: "remove", Address: "same"}, ""},
		{&ReturnEmpty{Selector: target, NodesConf: "lose", Address: "same"}, `nodes_conf: unknown nodes_conf "lose"; known: keep, remove`},
		{&ReturnEmpty{Selector: target, NodesConf: "keep", Address: "10.0.0.1"}, `address: unknown address "10.0.0.1"; known: same, new`},
		{&Damage{Selector: target, File: "aof", How: "truncate", Where: "end", Bytes: 1}, ""},
		{&Damage{Selector: target, File: "aof", How: "flip", Where: "middle"}, "bytes: 0B is out of range; write 1B to"},
		{&Damage{Selector: target, File: "nodes.conf", How: "flip", Where: "middle"}, `file: unknown file "nodes.conf"; known: aof, rdb`},
		{&Damage{Selector: target, File: "aof", How: "truncate", Where: "middle"}, "where: a file is truncated at its end"},
	} {
		faulttest.Accepts(t, test.fault, test.want)
	}
}

// What is damaged is the file that was begun last; it is put back as it was.
func TestDamagedFilesArePutBack(t *testing.T) {
	const incr = "appendonlydir/appendonly.aof.10.incr.aof"
	contents := map[string]string{
		"nodes.conf": "x", "dump.rdb": "REDIS0010", "appendonlydir/appendonly.aof.9.incr.aof": "99999", incr: "0123456789", "appendonlydir/appendonly.aof.manifest": "m",
	}
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.Mkdir("appendonlydir", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range contents {
		if err := root.WriteFile(name, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	d := &data{root}
	for _, test := range []struct {
		fault Damage
		name  string
		done  string
	}{
		{Damage{File: "aof", How: "truncate", Where: "end", Bytes: 3}, incr, "3 of 10 bytes cut off " + incr},
		{Damage{File: "aof", How: "truncate", Where: "end", Bytes: 99}, incr, "10 of 10 bytes cut off " + incr},
		{Damage{File: "aof", How: "flip", Where: "middle", Bytes: 4}, incr, "a bit inverted in each of 4 bytes of " + incr + " from byte 3 of 10 on"},
		{Damage{File: "rdb", How: "flip", Where: "end", Bytes: 1}, "dump.rdb", "a bit inverted in each of 1 bytes of dump.rdb from byte 8 of 9 on"},
	} {
		name, err := test.fault.pick(d)
		if err != nil || name != test.name {
			t.Fatalf("%s is damaged, %v; want %s", name, err, test.name)
		}
		if err := d.keepCopy(name); err != nil {
			t.Fatal(err)
		}
		done, err := test.fault.do(d, name)
		if err != nil || done != test.done {
			t.Errorf("%s, %v; want %s", done, err, test.done)
		}
		if now, err := root.ReadFile(name); err != nil || string(now) == contents[name] {
			t.Errorf("%s is as it was: %v", name, err)
		}
		if info, err := root.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		if err := errors.Join(d.restore(), d.forget()); err != nil {
			t.Fatal(err)
		}
		for name, text := range contents {
			if now, err := root.ReadFile(name); err != nil || string(now) != text {
				t.Errorf("%s is %q, %v; was %q", name, now, err, text)
			}
		}
	}
	if _, err := (&Damage{File: "log"}).pick(d); err == nil {
		t.Error("a file that there is not was picked")
	}
	if err := d.wipe(isNodesConf); err != nil {
		t.Error(err)
	}
	if left, err := fs.Glob(root.FS(), "*"); err != nil || !slices.Equal(left, []string{"nodes.conf"}) {
		t.Errorf("left: %v, %v", left, err)
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
