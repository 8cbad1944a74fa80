package image

import (
	"context"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose/software"
)

// CheckTLS is an error if the server in an image was built without TLS. It asks the server in a throwaway container.
func CheckTLS(ctx context.Context, engine Engine, img Image, opts Options) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	inspected, err := engine.ImageInspect(ctx, img.Ref)
	if err != nil {
		return fmt.Errorf("inspect image %s: %w", img.Ref, err)
	}
	output, err := runOnce(ctx, engine, inspected, append([]string{"redis-server"}, software.TLSQuestion()...), opts.Labels)
	if err != nil {
		return fmt.Errorf("asking the server in image %s whether it speaks TLS: %w", img.Ref, err)
	}
	if software.AnswersNoTLS(output) {
		return fmt.Errorf("the server in image %s was %s", img.Ref, software.WithoutTLS)
	}
	return nil
}
