package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// output is stdout or stderr. What text holds of control characters, as names, errors
// and replies of servers may, is made visible on its way.
type output struct {
	to io.Writer

	mu  sync.Mutex
	err error // of the first write that failed
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if _, err := o.pass([]byte(visible.Text(string(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pass writes as it is what is visible already, or drives the terminal on purpose.
func (o *output) pass(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.to.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// failed is why not all that was written arrived.
func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return fmt.Errorf("writing to stdout: %w", o.err)
	}
	return nil
}

// Fd tells progress and colours whether this is a terminal.
func (o *output) Fd() uintptr {
	if f, ok := o.to.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0) // no file
}

// unfiltered is where a command writes what it has made visible itself, with control
// characters of its own.
func unfiltered(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return passed{o}
	}
	return w
}

type passed struct{ *output }

// Write implements io.Writer.
func (p passed) Write(b []byte) (int, error) { return p.pass(b) }

// printJSON prints a value as JSON, and nothing in it drives a terminal.
func printJSON(w io.Writer, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(w, visible.JSON(text.String()))
	return err
}

// printing is how what came of a command is printed.
type printing struct {
	asJSON    bool
	errorTold bool // elsewhere, so that it is not in the summary
}

// printForm prints a value as JSON, or else its summary and where the reports on it are.
func printForm[T any](w io.Writer, forms form.Forms[T], value T, p printing, reports []string) error {
	if p.asJSON {
		return forms.JSON()(w, value)
	}
	plain := unfiltered(w)
	if err := forms.Summary(page.TextOptions{Colour: colours(w), OmitError: p.errorTold})(plain, value); err != nil {
		return err
	}
	if _, err := io.WriteString(plain, reportPaths(reports)); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// reportPaths tells where reports are, a line for each.
func reportPaths(reports []string) string {
	const label = "report: "
	var text strings.Builder
	for i, path := range reports {
		before := "\n" + label
		if i > 0 {
			before = strings.Repeat(" ", len(label))
		}
		text.WriteString(before + visible.Line(path) + "\n")
	}
	return text.String()
}
