package image

import (
	"context"
	"fmt"

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
// used as it is.
func Helper(ctx context.Context, engine Engine, path string, opts Options) (ref string, err error) {
	content, err := helperContent(path)
	if err != nil {
		return "", fmt.Errorf("make an image of %s: %w", path, err)
	}
	ref = fmt.Sprintf("%s:%s", HelperRepository, content.short())
	_, err = content.ensure(ctx, engine, ref, func() { opts.progress(fmt.Sprintf("making image %s of %s", ref, path)) })
	return ref, err
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
