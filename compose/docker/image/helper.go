package image

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/filters"
	dockerimage "github.com/docker/docker/api/types/image"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

const (
	// HelperRepository is the repository of the images that Helper makes.
	HelperRepository = "redis-chaos/helper"
	// HelperProgram is where the program is in them.
	HelperProgram = "/chaos"
)

// Helper makes an image of a program for Linux, which becomes HelperProgram, and of the shared libraries
// that it needs, and of nothing else. It is named after its content; if the engine has it already, it is
// used as it is. Where it has to be made, those that it made of other versions go.
func Helper(ctx context.Context, engine Engine, path string, opts Options) (ref string, err error) {
	content, err := helperContent(path)
	if err != nil {
		return "", fmt.Errorf("make an image of %s: %w", path, err)
	}
	ref = fmt.Sprintf("%s:%s", HelperRepository, content.short())
	made := false
	_, err = content.ensure(ctx, engine, ref, func() {
		made = true
		opts.progress(fmt.Sprintf("making image %s of %s", ref, path))
	})
	if err == nil && made {
		_ = removeOld(ctx, engine, ref, time.Now().Add(-keptFor)) // what stays takes room, and is no reason not to go on
	}
	return ref, err
}

// keptFor is how long ago an image of another version has to be made: whoever began with it starts helpers of it.
const keptFor = 24 * time.Hour

// removeOld removes the images that Helper made before a moment, but for one, and those that a container uses.
func removeOld(ctx context.Context, engine Engine, keep string, before time.Time) error {
	ours := filters.NewArgs(filters.Arg("reference", HelperRepository), filters.Arg("label", LabelDigest))
	images, err := engine.ImageList(ctx, dockerimage.ListOptions{Filters: ours})
	if err != nil {
		return fmt.Errorf("listing images of %s: %w", HelperRepository, err)
	}
	var errs []error
	for _, i := range images {
		if i.Created >= before.Unix() {
			continue
		}
		for _, tag := range i.RepoTags {
			if tag == keep || !strings.HasPrefix(tag, HelperRepository+":") {
				continue
			}
			_, err := engine.ImageRemove(ctx, tag, dockerimage.RemoveOptions{PruneChildren: true})
			if err != nil && !errdefs.IsConflict(err) && !errdefs.IsNotFound(err) { // in use, or gone
				errs = append(errs, fmt.Errorf("removing image %s: %w", tag, err))
			}
		}
	}
	return errors.Join(errs...)
}

func helperContent(path string) (content, error) {
	files := rootfs{}
	changes := []string{"ENTRYPOINT [\"" + HelperProgram + "\"]"}
	static, err := software.IsStatic(path)
	switch {
	case err != nil:
		return content{}, err
	case static: // which needs nothing of this machine, so that it can be of another one
		err = files.copyFile(path, HelperProgram)
	default:
		files = newRootfs()
		var dirs []string
		if dirs, err = files.addProgram(software.Program{}, path, HelperProgram); len(dirs) > 0 {
			changes = append(changes, searchChange(dirs))
		}
	}
	if err != nil {
		return content{}, err
	}
	return pack(files, changes)
}
