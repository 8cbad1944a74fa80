package image

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// Ensure makes sure that the engine has a server image for ref: the image
// itself, present or pulled, or else one built from a local server that is
// what ref asks for. Image.Origin says which, and Image.PullError why. Pulls
// are anonymous: an image that needs a login has to be pulled beforehand.
func Ensure(ctx context.Context, engine Engine, ref string, opts Options) (Image, error) {
	if len(opts.Labels) == 0 {
		return Image{}, errors.New("ensure image: Options.Labels are needed to find helper containers again")
	}
	if ref == "" {
		return Image{}, errors.New("ensure image: no image is named")
	}
	found, err := present(ctx, engine, ref, Present, opts)
	if !errdefs.IsNotFound(err) {
		return found, err
	}

	req, err := parseRequest(ref)
	if err != nil {
		return Image{}, err
	}
	if req.local {
		// Nobody publishes this repository; whoever did would not be us.
		err = errors.New("images of " + LocalRepository + " are built here, never pulled")
	} else {
		err = pull(ctx, engine, ref, opts)
	}
	if err == nil {
		return present(ctx, engine, ref, Pulled, opts)
	}
	if ctx.Err() != nil {
		return Image{}, fmt.Errorf("pull %s: %w", ref, context.Cause(ctx))
	}
	return buildInstead(ctx, engine, req, reason(err), opts)
}

// present describes an image that the engine has. The error of an image that
// it does not have is a not-found error.
func present(ctx context.Context, engine Engine, ref string, origin Origin, opts Options) (Image, error) {
	inspected, err := engine.ImageInspect(ctx, ref)
	if err != nil {
		return Image{}, fmt.Errorf("inspect image %s: %w", ref, err)
	}
	server, err := identify(ctx, engine, ref, inspected, opts.Labels)
	if err != nil {
		return Image{}, err
	}
	return Image{Ref: ref, ID: inspected.ID, Server: server, Origin: origin, Asked: ref}, nil
}

// buildInstead builds an image in the place of one that could not be pulled,
// provided that the local server is the one that was asked for.
func buildInstead(ctx context.Context, engine Engine, req request, pullError string, opts Options) (Image, error) {
	failed := fmt.Sprintf("image %s is not in the engine and could not be pulled (%s)", req.ref, pullError)
	if req.local {
		failed = fmt.Sprintf("image %s is not in the engine (%s)", req.ref, pullError)
	}
	if req.name == "" {
		return Image{}, fmt.Errorf("%s, and its name is neither Redis nor Valkey, so no local server stands in for it: check cluster.image, or docker pull %s where its registry can be reached", failed, req.ref)
	}

	binary, err := software.FindBy(opts.lookPath, req.name)
	if err != nil {
		return Image{}, fmt.Errorf("%s, and there is no local server to build one from: %sapt-get install %s-server here, or name a binary with --redis-server PATH", failed, orPull(req), req.name)
	}
	local, err := software.Inspect(ctx, binary)
	if err != nil {
		return Image{}, fmt.Errorf("%s, and the local server cannot stand in for it: %w", failed, err)
	}
	if err := req.accepts(local.Server); err != nil {
		return Image{}, fmt.Errorf("%s, and the local server cannot stand in for it: %w, %s is %s: %sset cluster.image to %s, or name another binary with --redis-server PATH",
			failed, err, binary, local.Server, orPull(req), suggest(local.Server))
	}

	built, err := build(ctx, engine, local, opts)
	if err != nil {
		return Image{}, fmt.Errorf("%s, and building one from %s failed: %w", failed, binary, err)
	}
	built.Asked = req.ref
	built.PullError = pullError
	return built, nil
}

// orPull begins a list of remedies with a pull, where that can help.
func orPull(req request) string {
	if req.local {
		return ""
	}
	return "docker pull " + req.ref + " where its registry can be reached, or "
}

// suggest returns the official image that a local server can stand in for.
func suggest(s software.Server) string {
	major := s.Major()
	repository := software.Redis
	if s.Name == software.Valkey {
		repository = "valkey/valkey"
	}
	return fmt.Sprintf("%s:%d", repository, major)
}
