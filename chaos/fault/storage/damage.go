package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redis-chaos/redis-chaos/chaos"
	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/report/record"
	"github.com/redis-chaos/redis-chaos/report/record/alarm"
	"github.com/redis-chaos/redis-chaos/scenarios"
	"github.com/redis-chaos/redis-chaos/scenarios/units"
)

// Damage kills the server (SIGKILL), damages one of its files and starts it again on that. Whether it starts is
// told. Healing puts the file back as it was and starts the server, if it has not started.
type Damage struct {
	chaos.Selector `yaml:",inline"`
	// File is what is damaged: "aof", the append-only file that is written to last, or "rdb", a snapshot, also
	// one that an AOF begins with.
	File string `yaml:"file"`
	// How is "truncate", which cuts bytes off its end, or "flip", which inverts a bit in each of them.
	How string `yaml:"how"`
	// Where is the bytes that are flipped: "end", "middle" or "anywhere", which the seed decides.
	Where string `yaml:"where"`
	// Bytes is how many.
	Bytes units.Size `yaml:"bytes"`

	seed uint64
	told []string
}

func (kinds) Damage() chaos.Fault {
	return &Damage{File: "aof", How: "truncate", Where: "end", Bytes: 100}
}

var (
	_ chaos.Demanding = (*Damage)(nil)
	_ chaos.Drawing   = (*Damage)(nil)
	_ chaos.Telling   = (*Damage)(nil)
)

// Check implements scenarios.FaultSpec.
func (d *Damage) Check(c scenarios.Cluster) error {
	if err := d.Selector.Check(c); err != nil {
		return err
	}
	for _, one := range []struct {
		field, value string
		known        []string
	}{
		{"file", d.File, []string{"aof", "rdb"}},
		{"how", d.How, []string{"truncate", "flip"}},
		{"where", d.Where, []string{"end", "middle", "anywhere"}},
	} {
		if !slices.Contains(one.known, one.value) {
			return &scenarios.FieldError{Field: one.field, Msg: fmt.Sprintf("unknown %s %q; known: %s", one.field, one.value, strings.Join(one.known, ", "))}
		}
	}
	if d.How == "truncate" && d.Where != "end" {
		return &scenarios.FieldError{Field: "where", Msg: "a file is truncated at its end; write how: flip, or leave where out"}
	}
	return scenarios.InRange("bytes", d.Bytes, 1, 1<<30, "")
}

// Needs implements chaos.Demanding.
func (d *Damage) Needs() []compose.Ability { return []compose.Ability{compose.Filing} }

// Destroys implements scenarios.Destructive.
func (d *Damage) Destroys() string { return "files that hold the data of a node" }

// Detail implements chaos.Detailed.
func (d *Damage) Detail() string {
	if d.How == "truncate" {
		return fmt.Sprintf("SIGKILL, %v cut off the %s", d.Bytes, d.File)
	}
	where := map[string]string{"end": "at the end of", "middle": "in the middle of", "anywhere": "in"}[d.Where]
	return fmt.Sprintf("SIGKILL, a bit inverted in %v %s the %s", d.Bytes, where, d.File)
}

// Holds implements scenarios.Holding.
func (d *Damage) Holds() []string { return []string{"process"} }

// Past implements chaos.Affecting.
func (d *Damage) Past() string { return "killed, and started on damaged files" }

// Effects implements chaos.Affecting.
func (d *Damage) Effects() []record.Effect { return []record.Effect{record.Ends, record.Damages} }

// Drawn implements chaos.Drawing.
func (d *Damage) Drawn(seed uint64) chaos.Fault {
	own := *d
	own.seed = seed
	return &own
}

// Inject implements chaos.Fault.
func (d *Damage) Inject(ctx context.Context, c chaos.Cluster, node string) error {
	err := onFiles(ctx, c, node, func(data *data) error {
		name, err := d.pick(data)
		if err != nil {
			return err
		}
		if err := data.keepCopy(name); err != nil {
			return fmt.Errorf("keeping a copy of %s: %w", name, err)
		}
		done, err := d.do(data, name)
		d.told = append(d.told, done)
		return err
	})
	if err != nil {
		return err
	}
	started, err := startAndSee(ctx, c, node)
	d.told = append(d.told, started)
	return err
}

// pick is the file to damage: of the AOF, the one that was begun last, and so is written to.
func (d *Damage) pick(data *data) (string, error) {
	all, err := data.files()
	if err != nil {
		return "", err
	}
	suffix := "." + d.File
	found, size := "", int64(0)
	for _, name := range all {
		info, err := data.Stat(name)
		if err != nil {
			return "", err
		}
		if strings.HasSuffix(name, suffix) && info.Size() > 0 && (found == "" || newer(name, found)) {
			found, size = name, info.Size()
		}
	}
	if size == 0 {
		return "", fmt.Errorf("it has no %s file with anything in it to damage, but %s", d.File, some(all))
	}
	return found, nil
}

// newer tells whether a file of an AOF was begun after another one: appendonly.aof.10.incr.aof after appendonly.aof.9.incr.aof.
func newer(name, other string) bool {
	if len(name) != len(other) {
		return len(path.Base(name)) > len(path.Base(other))
	}
	return name > other
}

// do damages a file, and says how.
func (d *Damage) do(data *data, name string) (done string, err error) {
	f, err := data.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	n := min(int64(d.Bytes), info.Size())
	if d.How == "truncate" {
		return fmt.Sprintf("%d of %d bytes cut off %s", n, info.Size(), name), f.Truncate(info.Size() - n)
	}
	random := rand.New(rand.NewPCG(d.seed, 0))
	from := map[string]int64{"end": info.Size() - n, "middle": (info.Size() - n) / 2, "anywhere": random.Int64N(info.Size() - n + 1)}[d.Where]
	bytes := make([]byte, n)
	if _, err := f.ReadAt(bytes, from); err != nil {
		return "", err
	}
	for i := range bytes {
		bytes[i] ^= 1 << random.IntN(8)
	}
	_, err = f.WriteAt(bytes, from)
	return fmt.Sprintf("a bit inverted in each of %d bytes of %s from byte %d of %d on", n, name, from, info.Size()), err
}

// startPatience is how long a server may take to start, or to refuse to.
const startPatience = 10 * time.Second

// startAndSee starts a server, and says whether it takes up its work.
func startAndSee(ctx context.Context, c chaos.Cluster, node string) (string, error) {
	watching, end := context.WithTimeout(ctx, startPatience)
	defer end()
	seen, err := c.Watch(watching)
	if err != nil {
		return "", err
	}
	if err := c.Start(ctx, node); err != nil {
		return "", err
	}
	client := compose.DirectClient(c, compose.Address(c, node), time.Second)
	defer client.Close()
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	for started := false; ; {
		select {
		case h, more := <-seen:
			if more && h.Node == node {
				started = started || h.Action == compose.Started
				if started && h.Action == compose.Died {
					return "the server refused to start: " + lastWarning(ctx, c, node), nil
				}
			}
			if !more {
				seen = nil
			}
		case <-ask.C:
			if answersOf(watching, client) {
				return "the server started", nil
			}
		case <-watching.Done():
			return fmt.Sprintf("the server did not answer for %s", startPatience), ctx.Err()
		}
	}
}

// answersOf tells whether a server answers, and has loaded its data.
func answersOf(ctx context.Context, client *redis.Client) bool {
	err := client.Ping(ctx).Err()
	var answer redis.Error
	return err == nil || errors.As(err, &answer) && !strings.HasPrefix(err.Error(), "LOADING")
}

// lastWarning is the last warning that a server which has ended logged, or else what it logged last.
func lastWarning(ctx context.Context, c chaos.Cluster, node string) (warning string) {
	const patience = 200 * time.Millisecond // its end may be told before its last words
	alarm.Sleep(ctx, patience)
	ended, end := context.WithCancel(context.Background())
	end()
	last := ""
	_ = c.Follow(ended, node, func(l compose.LogLine) { // what is missing in it is not needed
		switch _, text, warns := strings.Cut(l.Text, " # "); {
		case warns:
			warning = text
		case strings.Contains(l.Text, " * "): // a server's first words are none
			warning = ""
		}
		if strings.TrimSpace(l.Text) != "" {
			last = l.Text
		}
	})
	return cmp.Or(warning, last)
}

// Heal implements chaos.Fault.
func (d *Damage) Heal(ctx context.Context, c chaos.Cluster, node string) error {
	client := compose.DirectClient(c, compose.Address(c, node), time.Second)
	defer client.Close()
	if answersOf(ctx, client) {
		root, err := c.Data(ctx, node)
		if err != nil {
			return err
		}
		return errors.Join((&data{root}).forget(), root.Close())
	}
	err := onFiles(ctx, c, node, func(data *data) error {
		if _, err := data.Lstat(copyDir); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		d.told = append(d.told, "its files were put back")
		return errors.Join(data.restore(), data.forget())
	})
	return errors.Join(err, c.Start(ctx, node))
}

// Effective implements chaos.Signed.
func (d *Damage) Effective() []chaos.Sign { return []chaos.Sign{{Action: compose.Died}} }

// Healed implements chaos.Signed.
func (d *Damage) Healed() []chaos.Sign { return nil }

// Outcome implements chaos.Telling.
func (d *Damage) Outcome() *record.Outcome {
	if len(d.told) == 0 {
		return nil
	}
	return &record.Outcome{Text: strings.Join(d.told, "; ")}
}
