// Package form is what all reports have in common: a value, such as the result of a run, and the
// forms that it is rendered to, each of the value alone.
package form

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

// Renderer writes a value in one form.
type Renderer[T any] func(w io.Writer, value T) error

// Form is a file that a value is rendered to.
type Form[T any] struct {
	Name     string
	Readable bool // by people
	Render   Renderer[T]
}

// Forms are all those of one type of value.
type Forms[T any] struct {
	// Files are what a report is made of, the value itself as JSON first.
	Files []Form[T]
	// Summary is what a terminal shows. It holds no control characters but those of its own
	// colours.
	Summary func(page.TextOptions) Renderer[T]
}

// JSON renders the value itself.
func (f Forms[T]) JSON() Renderer[T] { return f.Files[0].Render }

// File is a form for programs. What goes wrong is told with its name.
func File[T any](name string, render Renderer[T]) Form[T] {
	return Form[T]{Name: name, Render: func(w io.Writer, value T) error {
		if err := render(w, value); err != nil {
			return fmt.Errorf("rendering %s: %w", name, err)
		}
		return nil
	}}
}

// Page is a form for people.
func Page[T any](name string, render Renderer[T]) Form[T] {
	f := File(name, render)
	f.Readable = true
	return f
}

// Summary is a text for a terminal; what is its name in an error.
func Summary[T any](what string, text func(T, page.TextOptions) string) func(page.TextOptions) Renderer[T] {
	return func(o page.TextOptions) Renderer[T] {
		return func(w io.Writer, value T) error {
			if _, err := io.WriteString(w, text(value, o)); err != nil {
				return fmt.Errorf("writing the %s: %w", what, err)
			}
			return nil
		}
	}
}

// JSON writes a value as it is, with nothing in it that drives a terminal.
func JSON[T any](w io.Writer, value T) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	_, err := io.WriteString(w, visible.JSON(text.String()))
	return err
}
