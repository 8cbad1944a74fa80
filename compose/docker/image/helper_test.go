package image

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	dockerimage "github.com/docker/docker/api/types/image"
)

// shelf is an engine with images. That of this machine is shared with other versions, whose images stay.
type shelf struct {
	Engine
	images  []dockerimage.Summary
	refuses map[string]error
	listed  []string // by the labels and the references that were asked for
	removed []string
}

func (s *shelf) ImageList(_ context.Context, o dockerimage.ListOptions) ([]dockerimage.Summary, error) {
	s.listed = append(o.Filters.Get("label"), o.Filters.Get("reference")...)
	return s.images, nil
}

func (s *shelf) ImageRemove(_ context.Context, ref string, o dockerimage.RemoveOptions) ([]dockerimage.DeleteResponse, error) {
	if o.Force {
		return nil, errors.New("an image that is in use would be removed by that")
	}
	s.removed = append(s.removed, ref)
	return nil, s.refuses[ref]
}

func TestRemoveOld(t *testing.T) {
	now := time.Now()
	made := func(ago time.Duration, tags ...string) dockerimage.Summary {
		return dockerimage.Summary{Created: now.Add(-ago).Unix(), RepoTags: tags}
	}
	const kept, old, young, used, refused = HelperRepository + ":kept", HelperRepository + ":old", HelperRepository + ":young", HelperRepository + ":used", HelperRepository + ":refused"
	broken := errors.New("the engine is broken")
	s := &shelf{
		images: []dockerimage.Summary{
			made(48*time.Hour, kept), made(48*time.Hour, "somebody/else:1", old), made(time.Hour, young), made(48*time.Hour, used), made(48*time.Hour, refused), made(48 * time.Hour),
		},
		refuses: map[string]error{used: errdefs.ErrConflict, refused: broken},
	}
	err := removeOld(t.Context(), s, kept, now.Add(-24*time.Hour))
	if !errors.Is(err, broken) || errdefs.IsConflict(err) {
		t.Errorf("%v", err)
	}
	if want := []string{old, used, refused}; !slices.Equal(s.removed, want) {
		t.Errorf("removed %q, want %q", s.removed, want)
	}
	if want := []string{LabelDigest, HelperRepository}; !slices.Equal(s.listed, want) {
		t.Errorf("listed by %q, want %q", s.listed, want)
	}
}
