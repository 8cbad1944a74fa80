package folder

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Make makes the folder of a run, or of several, in out.
func Make(out, id string) (Folder, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return Folder{}, fmt.Errorf("making the folder for the runs' artifacts: %w", err)
	}
	dir := filepath.Join(out, id)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return Folder{}, fmt.Errorf("making the folder for the run's artifacts: %w", err)
	}
	files, err := Open(dir)
	if err != nil {
		return Folder{}, fmt.Errorf("opening the folder for the run's artifacts: %w", err)
	}
	return files, nil
}

// MakeNewest is Make, and points out/latest at the folder. It warns of a latest that is not
// the program's own, and stays.
func MakeNewest(out, id string, warn func(string)) (Folder, error) {
	files, err := Make(out, id)
	if err != nil {
		return Folder{}, err
	}
	if err := pointLatest(out, id, warn); err != nil {
		files.Close()
		return Folder{}, err
	}
	return files, nil
}

// pointLatest points out/latest at a folder in out.
func pointLatest(out, id string, warn func(string)) error {
	latest := filepath.Join(out, latestName)
	if info, err := os.Lstat(latest); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		what := "a file"
		if info.IsDir() {
			what = "a folder"
		}
		warn(fmt.Sprintf("%s is %s and no link of this program: it is left alone, and does not point at this run, which is %s", latest, what, filepath.Join(out, id)))
		return nil
	}
	// A rename replaces the old link in one step.
	fresh := filepath.Join(out, ".latest-"+id)
	err := os.Symlink(id, fresh)
	if err == nil {
		if err = os.Rename(fresh, latest); err != nil {
			_ = os.Remove(fresh) // the first error is the one to tell
		}
	}
	if err != nil {
		return fmt.Errorf("pointing %s at the run: %w", latest, err)
	}
	return nil
}

// latestName is the link to the newest run, beside the folders of runs.
const latestName = "latest"

// Astray is where a link of the name latest points that is not to a folder beside it, as this
// program makes it; "" of all others. Links by other names are the user's own matter.
func Astray(dir string) string {
	dir = filepath.Clean(dir)
	if filepath.Base(dir) != latestName {
		return ""
	}
	target, err := os.Readlink(dir)
	if err != nil || filepath.IsLocal(target) && filepath.Base(target) == filepath.Clean(target) {
		return ""
	}
	return target
}
