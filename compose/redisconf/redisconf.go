// Package redisconf reads files of redis.conf as the servers do: their directives one by one, with those of the files
// that they include in place, and where each stands.
package redisconf

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/compose/directive"
)

// Line is a directive as it stands in a file.
type Line struct {
	At     Position
	Name   string   // in lower case, which servers take for the same
	Args   string   // as they stand there, quotes included
	ArgsAt Position // where they begin
}

// Position is a place in a file; lines and columns count from 1.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Problem is what a server would not start with, or what is not read of a file.
type Problem struct {
	At  Position
	Msg string
}

// These are more than any configuration has.
const (
	maxSize  = 1 << 20 // bytes of a file
	maxFiles = 100
	maxDepth = 16 // files that include each other
)

// Read reads a file and all that it includes. An include with a relative path is looked for beside the file that has it.
// The error is that of the file itself; what is wrong with a line of it is a problem, and the others are read.
func Read(path string) ([]Line, []Problem, error) {
	r := &reader{}
	text, err := r.open(path)
	if err != nil {
		return nil, nil, err
	}
	r.read(path, text, 1)
	return r.lines, r.problems, nil
}

// comment is one behind a directive, unless it is in quotes; a user's rule may begin in the same way.
var comment = regexp.MustCompile(`[^ \t][ \t]+#`)

func isComment(word string) bool { return strings.HasPrefix(word, "#") }

type reader struct {
	lines    []Line
	problems []Problem
	files    int
}

func (r *reader) blame(at Position, format string, args ...any) {
	r.problems = append(r.problems, Problem{at, fmt.Sprintf(format, args...)})
}

// directiveName is what the name of a directive, also of a module's, can be. What is not is not quoted: the file may be
// another one, whose lines are nobody's business.
var directiveName = regexp.MustCompile(`^[a-z0-9_.-]+$`)

func (r *reader) read(path, text string, depth int) {
	number := 0
	for raw := range strings.Lines(text) {
		number++
		line := strings.TrimRight(raw, " \t\r\n")
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		if indent == len(line) || line[indent] == '#' {
			continue
		}
		at := func(offset int) Position { return Position{path, number, 1 + utf8.RuneCountInString(line[:offset])} }
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\x00\r") {
			r.blame(at(indent), "this line is not text in UTF-8; write other bytes as \"\\xff\", in quotes")
			continue
		}
		words, ok := directive.Split(line)
		name, args, _ := directive.Cut(line)
		name = strings.ToLower(name)
		l := Line{At: at(indent), Name: name, Args: args, ArgsAt: at(len(line) - len(args))}
		switch {
		case !ok:
			r.blame(l.At, "the quotes of this line are not balanced; a closing one ends an argument")
		case !directiveName.MatchString(name):
			r.blame(l.At, "this line does not begin with the name of a directive; is the file a redis.conf?")
		case name == "include":
			if len(words) != 2 {
				r.blame(l.ArgsAt, "include takes one path")
				continue
			}
			r.include(path, words[1], l.ArgsAt, depth)
		case args == "":
			r.blame(l.At, "%s has no value; write \"\" for an empty one", name)
		case name != "user" && comment.MatchString(line) && slices.ContainsFunc(words[1:], isComment):
			r.blame(at(comment.FindStringIndex(line)[1]-1), "servers take a comment only on a line of its own, and would read this one as arguments of %s", name)
		default:
			r.lines = append(r.lines, l)
		}
	}
}

// include reads the files that a path means: one that has to be there, or those that a pattern matches, in their order.
func (r *reader) include(from, path string, at Position, depth int) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(from), path)
	}
	files := []string{path}
	if strings.ContainsAny(path, "*?[") {
		matches, err := filepath.Glob(path)
		if err != nil {
			r.blame(at, "%q is not a pattern of files", path)
			return
		}
		files = matches
	}
	if depth == maxDepth {
		r.blame(at, "more than %d files that include each other; does one include itself?", maxDepth)
		return
	}
	for _, file := range files {
		text, err := r.open(file)
		if err != nil {
			r.blame(at, "include: %v", err)
			return
		}
		r.read(file, text, depth+1)
	}
}

// open reads a regular file.
func (r *reader) open(path string) (string, error) {
	if r.files++; r.files > maxFiles {
		return "", fmt.Errorf("more than %d files are included", maxFiles)
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would wait for who writes to it
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s on this machine", path)
	case err != nil:
		return "", err
	}
	defer file.Close()
	switch info, err := file.Stat(); {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no file; name a redis.conf", path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("reading %s: %w", path, err)
	case len(text) > maxSize:
		return "", fmt.Errorf("%s is larger than %d bytes, which is the most that a redis.conf may have", path, maxSize)
	}
	return string(text), nil
}
