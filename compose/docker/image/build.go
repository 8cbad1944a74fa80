package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/containerd/errdefs"
	dockerimage "github.com/docker/docker/api/types/image"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// searchPath is where programs are looked for in an image.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Build makes an image of a redis-server or valkey-server of this host, a binary or the
// folder that it was unpacked to, with the shared libraries and the redis-cli that go with
// it. It is named after the server's version and the content; if the engine has that image
// already, it is used as it is.
func Build(ctx context.Context, engine Engine, path string, opts Options) (Image, error) {
	local, err := software.Inspect(ctx, path)
	if err != nil {
		return Image{}, err
	}
	built, err := build(ctx, engine, local, opts)
	if err != nil {
		return Image{}, fmt.Errorf("build image from %s: %w", local.Path, err)
	}
	return built, nil
}

func build(ctx context.Context, engine Engine, local software.Local, opts Options) (Image, error) {
	content, err := assemble(local, opts.lookPath)
	if err != nil {
		return Image{}, err
	}
	img := Image{
		Ref:    fmt.Sprintf("%s:%s-%s-%s", LocalRepository, local.Server.Name, local.Server.Version, content.short()),
		Server: local.Server,
		Origin: Built,
		Binary: local.Path,
	}

	inspected, err := content.ensure(ctx, engine, img.Ref, func() {
		opts.progress(fmt.Sprintf("building image %s from %s", img.Ref, local.Path))
	})
	if err != nil {
		return Image{}, err
	}
	if inspected.Architecture != runtime.GOARCH {
		return Image{}, fmt.Errorf("%s is built for %s, and the engine runs %s", local.Binary, runtime.GOARCH, inspected.Architecture)
	}
	img.ID = inspected.ID
	return img, nil
}

// content is all that makes up a built image.
type content struct {
	archive []byte
	changes []string // the image's configuration, as Dockerfile instructions
	digest  string   // "sha256:" and 64 digits
}

// short is enough of the digest to tell two builds of one version apart.
func (c content) short() string { return strings.TrimPrefix(c.digest, "sha256:")[:12] }

// assemble gathers the files and the configuration of an image for a server.
func assemble(local software.Local, lookPath func(string) (string, error)) (content, error) {
	cli, err := local.CLI(lookPath)
	if err != nil {
		return content{}, err
	}
	files := newRootfs()
	// redis-server and redis-cli are there whatever the server's own name is:
	// commands and health checks need not ask.
	serverDirs, err := files.addProgram(local.Program, local.Binary, software.BinDir+"/redis-server")
	if err != nil {
		return content{}, err
	}
	cliDirs, err := files.addProgram(local.Program, cli, software.BinDir+"/redis-cli")
	if err != nil {
		return content{}, err
	}
	if local.Server.Name == software.Valkey {
		files.symlink("redis-server", software.BinDir+"/valkey-server")
		files.symlink("redis-cli", software.BinDir+"/valkey-cli")
	}
	changes := []string{
		"ENV PATH=" + searchPath,
		"WORKDIR /data",
		"EXPOSE 6379",
		`CMD ["redis-server"]`,
		"LABEL " + LabelServer + "=" + local.Server.Name,
		"LABEL " + LabelVersion + "=" + local.Server.Version,
	}
	if dirs := software.AppendNew(serverDirs, cliDirs...); len(dirs) > 0 {
		changes = append(changes, searchChange(dirs))
	}
	return pack(files, changes)
}

// searchChange has the loader search directories for libraries.
func searchChange(dirs []string) string {
	return fmt.Sprintf("ENV LD_LIBRARY_PATH=%q", strings.Join(dirs, ":"))
}

// pack is the content of an image with these files, and a configuration.
func pack(files rootfs, changes []string) (content, error) {
	var archive bytes.Buffer
	archive.Grow(files.size())
	hash := sha256.New()
	if err := files.archive(io.MultiWriter(&archive, hash)); err != nil {
		return content{}, err
	}
	hash.Write([]byte(strings.Join(changes, "\n")))
	digest := fmt.Sprintf("sha256:%x", hash.Sum(nil))
	changes = append(changes, "LABEL "+LabelDigest+"="+digest)
	return content{archive: archive.Bytes(), changes: changes, digest: digest}, nil
}

// ensure makes sure that ref is an image of the content, and says so if it has to be made.
func (c content) ensure(ctx context.Context, engine Engine, ref string, making func()) (dockerimage.InspectResponse, error) {
	inspected, err := engine.ImageInspect(ctx, ref)
	if err != nil && !errdefs.IsNotFound(err) {
		return inspected, fmt.Errorf("inspect image %s: %w", ref, err)
	}
	if err == nil && inspected.Config != nil && inspected.Config.Labels[LabelDigest] == c.digest {
		return inspected, nil
	}
	making()
	if err := c.load(ctx, engine, ref); err != nil {
		return inspected, err
	}
	if inspected, err = engine.ImageInspect(ctx, ref); err != nil {
		return inspected, fmt.Errorf("inspect image %s: %w", ref, err)
	}
	return inspected, nil
}

// load imports the content into the engine, and moves ref to it.
func (c content) load(ctx context.Context, engine Engine, ref string) error {
	source := dockerimage.ImportSource{Source: bytes.NewReader(c.archive), SourceName: "-"}
	stream, err := engine.ImageImport(ctx, source, ref, dockerimage.ImportOptions{
		Message: "built by redis-chaos",
		Changes: c.changes,
	})
	if err != nil {
		return fmt.Errorf("import image %s: %w", ref, err)
	}
	defer stream.Close()
	if err := readStream(stream, func(message) {}); err != nil {
		return fmt.Errorf("import image %s: %w", ref, err)
	}
	return nil
}
