package logbook

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/redis-chaos/redis-chaos/compose"
)

// When the following ends, what is still on its way to the logbook is told, too: each
// of these lines comes only while the one before it is told.
func TestLastLinesAreFollowed(t *testing.T) {
	book, err := Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	lines := []string{"one", "two", "three", "four"}
	book.add(compose.LogLine{Text: lines[0]})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var told []string
	book.Follow(ended, func(l compose.LogLine) {
		if told = append(told, l.Text); len(told) < len(lines) {
			book.add(compose.LogLine{Text: lines[len(told)]})
		}
	})
	if !slices.Equal(told, lines) {
		t.Errorf("told are %q", told)
	}
}
