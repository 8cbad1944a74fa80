package docker

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// toolPackage is the package of the program whose HelperCommand helpers run.
const toolPackage = "github.com/redis-chaos/redis-chaos/cmd/chaos"

// helperProgram is what helpers run: this program, or else a build of it for the engine's machine that lies
// beside it.
func (e *Engine) helperProgram() (string, error) {
	if e.product.Helper != "" {
		return e.product.Helper, nil
	}
	const what = "the packets of a container are changed by root on the machine of its engine, or by a helper container that runs this program"
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("%s, which cannot be found: %w", what, err)
	}
	beside := filepath.Join(filepath.Dir(self), "chaos-linux-"+e.arch)
	for _, path := range []string{self, beside} {
		info, err := buildinfo.ReadFile(path)
		if err == nil && info.Path == toolPackage && software.CheckBuiltFor(path, e.arch) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s; %s (%s/%s) is no build of it for linux/%s: put one beside it, as %s (CGO_ENABLED=0 GOOS=linux GOARCH=%s go build -o %s ./cmd/chaos)",
		what, self, runtime.GOOS, runtime.GOARCH, e.arch, beside, e.arch, filepath.Base(beside))
}
