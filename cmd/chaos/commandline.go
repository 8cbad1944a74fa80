package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// commandLine is the command that does the same with one scenario: flags that were given, and
// the name.
func commandLine(c *cli.Context, names ...string) string {
	words := append([]string{"chaos", c.Command.Name}, names...)
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if !c.IsSet(name) || slices.Contains([]string{"out", "json", "quiet", "resume", "plan"}, name) {
			continue
		}
		switch f := f.(type) {
		case *cli.BoolFlag:
			if c.Bool(name) {
				words = append(words, "--"+name)
			}
		case *cli.StringSliceFlag:
			for _, value := range c.StringSlice(name) {
				words = append(words, "--"+name, quoted(value))
			}
		default:
			words = append(words, "--"+name, quoted(fmt.Sprint(c.Value(f.Names()[0]))))
		}
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@%+", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// flagsFirst moves a command's flags before its other arguments: people write
// `chaos run FILE --json`, and the flag package stops at FILE.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 3 {
		return args
	}
	command := app.Command(args[1])
	if command == nil {
		return args
	}
	var flags, others []string
	for i := 2; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			others = append(others, args[i+1:]...)
			break
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			others = append(others, arg)
			continue
		}
		flags = append(flags, arg)
		if !takesValue(command, arg) {
			continue
		}
		if i++; i == len(args) {
			return slices.Concat(args[:2], flags) // so that the flag package misses the value
		}
		flags = append(flags, args[i])
	}
	return slices.Concat(args[:2], flags, []string{"--"}, others)
}

// takesValue tells whether the next argument belongs to the flag.
func takesValue(command *cli.Command, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range command.Flags {
		if slices.Contains(f.Names(), name) {
			_, isBool := f.(*cli.BoolFlag)
			return !isBool
		}
	}
	return false
}
