// Package credentials keeps what nobody but this user is to read of clusters: files with passwords and keys, beside
// the journals of runs.
package credentials

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/redis-chaos/redis-chaos/compose/journal"
)

// Folder is where the files of a run in a place are, once they are written. It is in the memory of the machine for
// root, where the journals are, too.
func Folder(place, runID string) (string, error) {
	runs, err := journal.Folder()
	if err != nil {
		return "", err
	}
	const extension = ".d" // with which no id is the name of another folder, such as ..
	return filepath.Join(filepath.Dir(runs), "credentials", url.PathEscape(place), url.PathEscape(runID)+extension), nil
}

// Write writes files to a folder that has no others.
func Write(folder string, files map[string][]byte) error {
	if err := write(folder, files); err != nil {
		return fmt.Errorf("writing what only this user may read: %w", err)
	}
	return nil
}

func write(folder string, files map[string][]byte) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for name, content := range files {
		if err := root.WriteFile(name, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Read reads the files in a folder; none, if there is no such folder.
func Read(folder string) (map[string][]byte, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Remove removes a folder. That there is none is fine.
func Remove(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("removing credentials: %w", err)
	}
	return nil
}
