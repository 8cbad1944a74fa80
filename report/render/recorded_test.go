package render_test

import (
	"errors"
	"io"
	"testing"

	"github.com/redis-chaos/redis-chaos/report"
	"github.com/redis-chaos/redis-chaos/report/analysis"
	"github.com/redis-chaos/redis-chaos/report/page"
	"github.com/redis-chaos/redis-chaos/report/render"
	"github.com/redis-chaos/redis-chaos/report/render/prose"
	"github.com/redis-chaos/redis-chaos/report/sample"
)

// A record that was cut short at any event still renders, in every form.
func TestRecordCutAnywhere(t *testing.T) {
	s, events := sample.Recorded(t, "master-kill")
	for n := range events {
		r := prose.Describe(analysis.Analyze(s, events[:n]))
		if r.Verdict != report.Error {
			t.Fatalf("cut after %d of %d events: verdict %s", n, len(events), r.Verdict)
		}
		err := render.Forms().Summary(page.TextOptions{})(io.Discard, r)
		for _, form := range render.Forms().Files {
			err = errors.Join(err, form.Render(io.Discard, r))
		}
		if err != nil {
			t.Fatalf("cut after %d of %d events: %v", n, len(events), err)
		}
	}
}

// Of ten masters of thirty that are killed at once, the story is as short as that of one.
func TestTheStoryOfManyFailoversIsShort(t *testing.T) {
	s, events := sample.Recorded(t, "ten-of-thirty")
	story := prose.Story(prose.Describe(analysis.Analyze(s, events)))
	if len(story) > 9 {
		t.Errorf("%d sentences: %q", len(story), story)
	}
	for _, sentence := range story {
		if len(sentence) > 900 {
			t.Errorf("a sentence of %d characters: %s", len(sentence), sentence)
		}
	}
}
