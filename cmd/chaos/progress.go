package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/redis-chaos/redis-chaos/report/visible"
)

// progress shows how a run is getting on: a line for each thing that happens,
// and a status that on a terminal stays on one line and is otherwise told
// every statusEvery.
type progress struct {
	out      io.Writer
	quiet    bool
	terminal bool
	started  time.Time

	mu      sync.Mutex
	pending bool // a status is on the line
	told    time.Time
}

const statusEvery = 10 * time.Second

func newProgress(out io.Writer, quiet bool) *progress {
	return &progress{out: out, quiet: quiet, terminal: isTerminal(out), started: time.Now(), told: time.Now()}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// colours tells whether output may be coloured (https://no-color.org).
func colours(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func (p *progress) line(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	if !p.quiet {
		fmt.Fprintf(p.out, "%6.1fs  %s\n", time.Since(p.started).Seconds(), visible.Line(text))
	}
}

// warn tells what somebody should see even without progress.
func (p *progress) warn(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintf(p.out, "chaos: warning: %s\n", text)
}

func (p *progress) status(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text = visible.Line(text) // before it is cut to the line's width
	switch {
	case p.quiet:
	case p.terminal:
		p.clear()
		fmt.Fprint(p.out, cut(fmt.Sprintf("%6.1fs  %s", time.Since(p.started).Seconds(), text), p.width()))
		p.pending = true
	case time.Since(p.told) >= statusEvery:
		fmt.Fprintf(p.out, "%6.1fs  %s\n", time.Since(p.started).Seconds(), text)
		p.told = time.Now()
	}
}

// width is how many characters a line of the terminal holds; 0 is unknown.
func (p *progress) width() int {
	f, ok := p.out.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// cut shortens a text to a width, if that is known: only what is on one line can be
// taken off it again.
func cut(text string, width int) string {
	runes := []rune(text)
	if width <= 1 || len(runes) < width {
		return text
	}
	return string(runes[:width-2]) + "…"
}

// end takes the status off the terminal.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *progress) clear() {
	if p.pending {
		fmt.Fprint(unfiltered(p.out), "\r\x1b[K")
		p.pending = false
	}
}
