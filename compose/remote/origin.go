package remote

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/redis-chaos/redis-chaos/compose/program"
)

// origin is how a server was started, as far as its process tells: taken down before it is ended.
type origin struct {
	// Exe is the program's file, and Name what it is called by, which can matter: a program may have several.
	Exe, Name string
	// Args are what it was started with, its name included; none if it has a title of its own in their place, as servers
	// have by default (set-proc-title).
	Args []string `json:",omitempty"`
	// File is its configuration file, if it has one, and Settings its directives with their values, but for Hidden,
	// which are secrets.
	File     string            `json:",omitempty"`
	Settings map[string]string `json:",omitempty"`
	Hidden   []string          `json:",omitempty"`
	// Untold is why it did not tell its directives.
	Untold string `json:",omitempty"`
	// Dir is its folder, UID, GID and Groups whose it is, and Output the file that its output goes to, if that is one.
	Dir      string
	UID, GID uint32
	Groups   []uint32 `json:",omitempty"`
	Output   string   `json:",omitempty"`
	// Unit is the unit of systemd that it is of, and Contained that it is in a container.
	Unit      string `json:",omitempty"`
	Contained bool   `json:",omitempty"`

	secrets     map[string]string // the values of Hidden
	environment []string          // none if it is not known
}

// originOf looks at a process.
func originOf(pid int) (o origin, err error) {
	at := func(name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }
	if o.Exe, err = os.Readlink(at("exe")); err != nil {
		return o, err
	}
	o.Exe = strings.TrimSuffix(o.Exe, " (deleted)")
	if o.Dir, err = os.Readlink(at("cwd")); err != nil {
		return o, err
	}
	cmdline, err := os.ReadFile(at("cmdline"))
	if err != nil {
		return o, err
	}
	o.Args = argumentsIn(string(cmdline))
	if environ, err := os.ReadFile(at("environ")); err == nil {
		o.environment = slices.DeleteFunc(strings.Split(string(environ), "\x00"), func(v string) bool { return !strings.Contains(v, "=") })
	}
	status, err := os.ReadFile(at("status"))
	if err != nil {
		return o, err
	}
	o.owner(string(status))
	if output, err := os.Readlink(at("fd/1")); err == nil {
		if info, err := os.Stat(output); err == nil && info.Mode().IsRegular() {
			o.Output = output
		}
	}
	groups, err := os.ReadFile(at("cgroup"))
	if err != nil {
		return o, err
	}
	if unit := unitForm.FindStringSubmatch(string(groups)); unit != nil {
		o.Unit = unit[1]
	}
	own, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return o, err
	}
	its, err := os.Readlink(at("ns/mnt"))
	o.Contained = its != own
	return o, err
}

// unitForm finds the unit that a process is of, in its control groups. Those of sessions and users start other things.
var unitForm = regexp.MustCompile(`(?m)/system\.slice/(?:[^/\n]+/)*((?:redis|valkey|keydb)[^/\n]*\.service)$`)

// argumentsIn are those of a command line, as the kernel has it: with a zero byte after each. A title has only such bytes
// behind it, and a server in cluster mode was told so by at least one argument.
func argumentsIn(cmdline string) []string {
	if _, rest, _ := strings.Cut(cmdline, "\x00"); strings.Trim(rest, "\x00") == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(cmdline, "\x00"), "\x00")
}

// owner takes in whose a process is, by its status: the effective ids are the second of four.
func (o *origin) owner(status string) {
	id := func(text string) uint32 {
		n, _ := strconv.ParseUint(text, 10, 32) // the kernel writes numbers
		return uint32(n)
	}
	for line := range strings.Lines(status) {
		f := strings.Fields(line)
		switch {
		case len(f) > 2 && f[0] == "Uid:":
			o.UID = id(f[2])
		case len(f) > 2 && f[0] == "Gid:":
			o.GID = id(f[2])
		case len(f) > 1 && f[0] == "Groups:":
			for _, group := range f[1:] {
				o.Groups = append(o.Groups, id(group))
			}
		}
	}
}

// complete takes in what the server itself says: which program it is, its configuration file, and its directives.
func (o *origin) complete(name, file string, settings map[string]string, untold error) {
	o.Name, o.File, o.Settings, o.secrets = o.Exe, file, map[string]string{}, map[string]string{}
	for _, called := range []string{name, filepath.Join(filepath.Dir(o.Exe), filepath.Base(name))} { // one found by PATH is called by no path
		if path, err := filepath.EvalSymlinks(called); err == nil && path == o.Exe {
			o.Name = called
			break
		}
	}
	if untold != nil {
		o.Untold = untold.Error()
	}
	for name, value := range settings {
		switch {
		case isOwn(name):
		case isSecret(name):
			if o.secrets[name] = value; value != "" {
				o.Hidden = append(o.Hidden, name)
			}
		default:
			o.Settings[name] = value
		}
	}
	slices.Sort(o.Hidden)
	if slices.ContainsFunc(o.Args, func(arg string) bool { return isSecret(strings.TrimLeft(arg, "-")) }) {
		o.Args = nil // they are written down
	}
	if dir := o.Settings["dir"]; dir != "" {
		o.Dir = startFolder(file, dir)
	}
}

// startFolder is the folder that a server was started in which has changed to dir, by its configuration file: a relative
// path there begins where the server began.
func startFolder(file, dir string) string {
	text, err := os.ReadFile(file)
	if file == "" || err != nil {
		return dir
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 2 && strings.EqualFold(f[0], "dir") && !filepath.IsAbs(strings.Trim(f[1], `"'`)) {
			if began, ok := strings.CutSuffix(dir, "/"+filepath.Clean(strings.Trim(f[1], `"'`))); ok && began != "" {
				return began
			}
		}
	}
	return dir
}

// isOwn tells whether a directive is not to be as it was: it says how a process is started and not what it does then, or
// follows from the role that the server has.
func isOwn(name string) bool {
	return slices.Contains([]string{"daemonize", "supervised", "replicaof", "slaveof"}, name)
}

// isSecret tells whether the value of a directive is nobody's to read.
func isSecret(name string) bool {
	return slices.Contains([]string{"requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass"}, name)
}

// obstacle says why the server could not be started again; "" if it can be.
func (o *origin) obstacle() string {
	switch {
	case o.Contained:
		return "it is in a container, which is not started again from here"
	case o.Unit != "":
		return fmt.Sprintf("it is of the unit %s, which systemd starts", o.Unit)
	case o.Args == nil && o.Untold != "":
		return "it is not known how it was started: " + o.Untold
	case int(o.UID) != os.Geteuid() && os.Geteuid() != 0:
		return fmt.Sprintf("it is a process of user %d; run as that user or as root", o.UID)
	}
	return ""
}

// command is how the server is started as it was: its arguments, and the configuration that it reads from its input, if
// it does. password is what the scenario has for secrets that were not written down.
func (o *origin) command(password string) (args []string, config string, err error) {
	if o.Args != nil && o.Args[len(o.Args)-1] != "-" {
		return o.Args, "", nil
	}
	args = []string{o.Name}
	if o.File != "" {
		args = append(args, o.File)
	}
	all := maps.Clone(o.Settings)
	for _, name := range o.Hidden {
		value, known := o.secrets[name]
		switch {
		case known:
		case strings.HasPrefix(name, "tls-") && o.File != "": // the file has it
			continue
		case strings.HasPrefix(name, "tls-") || password == "":
			return nil, "", fmt.Errorf("its %s is not known to this process, and is not written down; start it by hand", name)
		default:
			value = password
		}
		all[name] = value
	}
	return append(args, "-"), configuration(all), nil
}

// configuration is directives as a configuration file has them. What a server does not run as a daemon is this program's
// to put where it belongs.
func configuration(settings map[string]string) string {
	text := "daemonize no\nsupervised no\n"
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		switch value := settings[name]; {
		case value == "" && name != "save":
		case slices.Contains([]string{"save", "client-output-buffer-limit", "bind", "oom-score-adj-values", "tls-protocols", "latency-tracking-info-percentiles"}, name) && value != "":
			text += name + " " + value + "\n"
		default:
			text += name + ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(value) + "\"\n"
		}
	}
	return text
}

// run starts the server as the child of nobody, so that it goes on without this program.
func (o *origin) run(password string) error {
	if why := o.obstacle(); why != "" {
		return errors.New(why)
	}
	args, config, err := o.command(password)
	if err != nil {
		return err
	}
	output := os.DevNull
	if o.Output != "" {
		output = o.Output
	}
	out, err := os.OpenFile(output, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	d := program.Detached{Args: args, Dir: o.Dir, Env: o.environment, Input: config, Output: out}
	if os.Geteuid() == 0 {
		d.As = &syscall.Credential{Uid: o.UID, Gid: o.GID, Groups: o.Groups}
	}
	return d.Start()
}
