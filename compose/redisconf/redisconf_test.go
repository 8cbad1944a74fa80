package redisconf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes files in a new folder, which messages call DIR.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string // a line each, as NAME ARGS at POSITION, then the problems
	}{
		"comments, blanks and cases": {
			map[string]string{"redis.conf": "# hz 1\n\n  \t# hz 2\nHZ 20\r\n\tSave  900 1 \nsave 300 10"},
			"hz 20 at DIR/redis.conf:4:1 (4)\nsave 900 1 at DIR/redis.conf:5:2 (8)\nsave 300 10 at DIR/redis.conf:6:1 (6)\n",
		},
		"quotes": {
			map[string]string{"redis.conf": `save ""` + "\n" + `"proc-title-template" "{title} # \"x\""` + "\nuser a on >'s p' #00 ~*\n"},
			`save "" at DIR/redis.conf:1:1 (6)` + "\n" + `proc-title-template "{title} # \"x\"" at DIR/redis.conf:2:1 (23)` + "\nuser a on >'s p' #00 ~* at DIR/redis.conf:3:1 (6)\n",
		},
		"includes in place, and in order": {
			map[string]string{"redis.conf": "hz 1\ninclude conf.d/*.conf\ninclude DIR/last.conf\ninclude none/*.conf\nhz 5\n", "conf.d/b.conf": "hz 3\n", "conf.d/a.conf": "hz 2\n", "conf.d/c.txt": "hz 0\n", "last.conf": "include conf.d/a.conf\nhz 4\n"},
			"hz 1 at DIR/redis.conf:1:1 (4)\nhz 2 at DIR/conf.d/a.conf:1:1 (4)\nhz 3 at DIR/conf.d/b.conf:1:1 (4)\nhz 2 at DIR/conf.d/a.conf:1:1 (4)\nhz 4 at DIR/last.conf:2:1 (4)\nhz 5 at DIR/redis.conf:5:1 (4)\n",
		},
		"a missing include": {
			map[string]string{"redis.conf": "hz 1\ninclude common.conf\nhz 2\n"},
			"hz 1 at DIR/redis.conf:1:1 (4)\nhz 2 at DIR/redis.conf:3:1 (4)\nDIR/redis.conf:2:9: include: there is no file DIR/common.conf on this machine\n",
		},
		"an include of a folder, and of two": {
			map[string]string{"redis.conf": "include d\ninclude a b\n", "d/x": ""},
			"DIR/redis.conf:1:9: include: DIR/d is no file; name a redis.conf\nDIR/redis.conf:2:9: include takes one path\n",
		},
		"an include of itself": {
			map[string]string{"redis.conf": "include redis.conf\n"},
			"DIR/redis.conf:1:9: more than 16 files that include each other; does one include itself?\n",
		},
		"what no server starts with": {
			map[string]string{"redis.conf": "save \"900 1\nhz\n port 6379  # ours\nroot:x:0:0:secret hz\nhz 1\x00\nhz \xff\n"},
			"DIR/redis.conf:1:1: the quotes of this line are not balanced; a closing one ends an argument\n" +
				"DIR/redis.conf:2:1: hz has no value; write \"\" for an empty one\n" +
				"DIR/redis.conf:3:13: servers take a comment only on a line of its own, and would read this one as arguments of port\n" +
				"DIR/redis.conf:4:1: this line does not begin with the name of a directive; is the file a redis.conf?\n" +
				"DIR/redis.conf:5:1: this line is not text in UTF-8; write other bytes as \"\\xff\", in quotes\n" +
				"DIR/redis.conf:6:1: this line is not text in UTF-8; write other bytes as \"\\xff\", in quotes\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, c.files)
			conf := filepath.Join(dir, "redis.conf")
			if text := c.files["redis.conf"]; strings.Contains(text, "DIR") {
				if err := os.WriteFile(conf, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			lines, problems, err := Read(conf)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, l := range lines {
				fmt.Fprintf(&got, "%s %s at %s (%d)\n", l.Name, l.Args, l.At, l.ArgsAt.Column)
			}
			for _, p := range problems {
				fmt.Fprintf(&got, "%s: %s\n", p.At, p.Msg)
			}
			if text := strings.ReplaceAll(got.String(), dir, "DIR"); text != c.want {
				t.Errorf("got\n%swant\n%s", text, c.want)
			}
		})
	}
}

// Files that include each other many times end in problems, not in a machine out of memory.
func TestReadIsBounded(t *testing.T) {
	dir := write(t, map[string]string{"redis.conf": strings.Repeat("include redis.conf\n", 20), "large.conf": strings.Repeat("hz 1\n", maxSize/4)})
	if _, problems, err := Read(filepath.Join(dir, "redis.conf")); err != nil || len(problems) == 0 {
		t.Errorf("%d problems, %v", len(problems), err)
	}
	for _, path := range []string{filepath.Join(dir, "large.conf"), filepath.Join(dir, "none.conf"), "/dev/zero", dir} {
		if _, _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
