package command

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/redis-chaos/redis-chaos/compose/program"
)

// shell runs the commands of hooks that are strings.
const shell = "/bin/sh"

// calling is how a command of the user's is run in a folder: by a shell, if it is no list.
func calling(dir string, words []string) (path string, args []string) {
	if len(words) == 1 {
		return shell, []string{"-c", words[0]}
	}
	return inFolder(dir, words[0]), words[1:]
}

// inFolder is the path of a program; one without a slash is for PATH.
func inFolder(dir, name string) string {
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		return filepath.Join(dir, name)
	}
	return name
}

// text is a command as a person writes it in a shell.
func text(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	var all []string
	for _, word := range words {
		all = append(all, program.Word(word))
	}
	return strings.Join(all, " ")
}

// firstWord is the word at the beginning of a shell's command that names what is to run, and nothing else.
var firstWord = regexp.MustCompile(`^\s*([A-Za-z0-9_./][A-Za-z0-9_./+-]*)(\s|;|$)`)

// isThere fails if the program that a command begins with is not on this machine. Of a shell's command it may be a word
// of the shell's own, and what begins with something else than a plain word is for the shell to judge.
func isThere(ctx context.Context, dir string, words []string) error {
	if len(words) == 0 {
		return nil
	}
	name := words[0]
	if len(words) == 1 {
		first := firstWord.FindStringSubmatch(name)
		if first == nil {
			return nil
		}
		name = first[1]
	}
	_, err := exec.LookPath(inFolder(dir, name))
	if err != nil && len(words) == 1 && shellHas(ctx, name) {
		return nil
	}
	var failed *exec.Error
	if errors.As(err, &failed) && strings.Contains(name, "/") {
		return fmt.Errorf("%s is no program: %w; relative paths begin in the folder of the scenario, or in dir", name, failed.Err)
	}
	if err != nil {
		return fmt.Errorf("no program %q is in PATH; install it, or write its path, which begins in the folder of the scenario, or in dir", name)
	}
	return nil
}

// shellHas tells whether a word is a command of the shell's own.
func shellHas(ctx context.Context, word string) bool {
	const patience = 5 * time.Second
	_, err := program.Question{Path: shell, Args: []string{"-c", `command -v "$1"`, shell, word}, Patience: patience}.Ask(ctx)
	return err == nil
}

// mostPrinted is how many bytes of what a command printed are kept: the last ones, which say how it went.
const mostPrinted = 1000

// tail is the end of what a command printed, on one line.
func tail(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	joined := strings.Join(lines, " | ")
	if len(joined) <= mostPrinted {
		return joined
	}
	cut := len(joined) - mostPrinted
	for cut < len(joined) && !utf8.RuneStart(joined[cut]) {
		cut++
	}
	return "… " + joined[cut:]
}
