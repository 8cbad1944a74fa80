package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/docker/docker/api/types/container"

	"github.com/redis-chaos/redis-chaos/compose"
	"github.com/redis-chaos/redis-chaos/compose/credentials"
)

// accessTarget is where containers have what they read of their cluster's access: in their own file systems, so that
// it is in no folder of this machine that others read, and goes with them.
const accessTarget = "/usr/local/etc/redis-chaos"

// giveAccess puts the files of the cluster's access into containers that were created only.
func (e *Engine) giveAccess(ctx context.Context, d Deployment) error {
	files, err := asTar(accessTarget, d.Access.Files())
	if err != nil {
		return err
	}
	for _, n := range d.planned() {
		if err := e.CopyToContainer(ctx, d.Prefix+n.Name, "/", bytes.NewReader(files), container.CopyToContainerOptions{}); err != nil {
			return wrap("give its credentials to", n.Name, err)
		}
	}
	return nil
}

// asTar packs files in a folder. Servers may run as any user of their container, where nobody else is.
func asTar(folder string, files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	folder = strings.TrimPrefix(folder, "/")
	err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: folder + "/", Mode: 0o755})
	for name, content := range files {
		if err == nil {
			err = w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: path.Join(folder, name), Mode: 0o444, Size: int64(len(content))})
		}
		if err == nil {
			_, err = w.Write(content)
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("packing the files for the containers: %w", err)
	}
	return out.Bytes(), nil
}

// keepAccess notes what a cluster that is to stand wants to hear of who connects, for this user's later commands.
// owner is its OwnerLabel.
func (e *Engine) keepAccess(ctx context.Context, runID, owner string, a compose.Access) error {
	files := a.Saved()
	if len(files) == 0 {
		return nil
	}
	folder, err := e.accessFolder(ctx, runID)
	if err != nil {
		return err
	}
	files[ownerFile] = []byte(owner)
	return credentials.Write(folder, files)
}

// ownerFile says which cluster the files beside it are of.
const ownerFile = "owner"

// keptAccess is what keepAccess has noted of a cluster; nothing, if that is of another one.
func (e *Engine) keptAccess(ctx context.Context, runID, owner string) (compose.Access, error) {
	folder, err := e.accessFolder(ctx, runID)
	if err != nil {
		return compose.Access{}, err
	}
	files, err := credentials.Read(folder)
	if err != nil || string(files[ownerFile]) != owner {
		return compose.Access{}, err
	}
	return compose.SavedAccess(files)
}

// forgetAccess removes what keepAccess has noted.
func (e *Engine) forgetAccess(ctx context.Context, runID string) error {
	folder, err := e.accessFolder(ctx, runID)
	if err != nil {
		return err
	}
	return credentials.Remove(folder)
}

func (e *Engine) accessFolder(ctx context.Context, runID string) (string, error) {
	place, err := e.place(ctx)
	if err != nil {
		return "", err
	}
	return credentials.Folder(place, runID)
}
