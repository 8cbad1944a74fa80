package image

import (
	"fmt"
	"path"
	"regexp"
	"strconv"

	"github.com/distribution/reference"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// request is what can be read off an image reference before the image exists.
type request struct {
	ref   string
	name  string // that of Redis, of Valkey, or "" if the repository's name says neither
	major int    // major version in the tag, -1 if the tag has none
	local bool   // an image of LocalRepository, which no registry has
}

var (
	tagMajor  = regexp.MustCompile(`^v?([0-9]{1,3})(?:\.|-|$)`)
	localTag  = regexp.MustCompile(`^(redis|valkey)-([0-9]+)\.`)
	nameParts = regexp.MustCompile(`[-_.]+`)
)

func parseRequest(ref string) (request, error) {
	parsed, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return request{}, fmt.Errorf("image %q: %w", ref, err)
	}
	req := request{ref: ref, major: -1}
	tag := ""
	if tagged, ok := parsed.(reference.Tagged); ok {
		tag = tagged.Tag()
	}

	if reference.FamiliarName(parsed) == LocalRepository {
		req.local = true
		if m := localTag.FindStringSubmatch(tag); m != nil {
			req.name = m[1]
			req.major, _ = strconv.Atoi(m[2])
		}
		return req, nil
	}

	for _, part := range nameParts.Split(path.Base(reference.Path(parsed)), -1) {
		if part == software.Redis || part == software.Valkey {
			req.name = part
		}
	}
	if m := tagMajor.FindStringSubmatch(tag); m != nil {
		req.major, _ = strconv.Atoi(m[1])
	}
	return req, nil
}

// accepts returns an error if a local server is not what was asked for, so
// that it would be a mistake to run it in the image's place.
func (r request) accepts(s software.Server) error {
	major := s.Major()
	if s.Name == r.name && (r.major < 0 || r.major == major) {
		return nil
	}
	asked := r.name
	if r.major >= 0 {
		asked += " " + strconv.Itoa(r.major)
	}
	return fmt.Errorf("%s asks for %s", r.ref, asked)
}
