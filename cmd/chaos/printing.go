package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/redis-chaos/redis-chaos/report/form"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/visible"
)

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
