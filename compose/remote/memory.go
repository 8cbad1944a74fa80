package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/journal"
	"github.com/redis-chaos/redis-chaos/compose/slots"
)

// memory is what was known of a cluster when it was found well, for another process to heal it if this one is killed: a
// server that was ended does not say how it was started. It holds no secrets.
type memory struct {
	Name              string
	Software, Version string
	Nodes             []known
	Shards            [][]slots.Range
	// Dial is where nodes are dialled, by what they announce.
	Dial map[string]string
}

// known is what is known of a node.
type known struct {
	compose.Node
	// PID is the id of its process as itself sees it.
	PID int
	// Origin is how that was started, if it is one of this machine.
	Origin *origin `json:",omitempty"`
}

// folder is where memories are kept, beside the journal of runs.
func folder() (string, error) {
	runs, err := journal.Folder()
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(runs), "found"), nil
}

func (m memory) path() (string, error) {
	in, err := folder()
	return filepath.Join(in, m.Name+".json"), err
}

// keep has the memory be on disk.
func (m memory) keep() error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path, err := m.path()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("noting how the cluster was found: %w", err)
	}
	return nil
}

// forget removes it.
func (m memory) forget() error {
	path, err := m.path()
	if err == nil {
		err = os.Remove(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// recall is the memory of the cluster that one of the addresses leads to; nil if there is none.
func recall(addrs []string) (*memory, error) {
	in, err := folder()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(in, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its cluster was left just now
		}
		var m memory
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			return nil, fmt.Errorf("reading how a cluster was found: %s: %w; see by hand what it says, and remove it", file, err)
		}
		if slices.ContainsFunc(addrs, func(addr string) bool { return m.Dial[addr] != "" }) {
			return &m, nil
		}
	}
	return nil, nil
}
