package software

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis-chaos/redis-chaos/compose/program"
)

// TLSQuestion are arguments with which every server ends at once, and says by its complaint whether it was built
// with TLS: for AnswersNoTLS.
func TLSQuestion() []string { return []string{"--port", "0", "--tls-port", "none"} }

// AnswersNoTLS tells whether a server that was asked TLSQuestion was built without TLS: then it has no such
// directive, and otherwise complains of its value.
func AnswersNoTLS(output string) bool { return strings.Contains(output, "Bad directive") }

// CheckTLS is an error if the server was built without TLS.
func (p Program) CheckTLS(ctx context.Context) error {
	file, argv := p.Command(TLSQuestion()...)
	output, err := program.Question{Path: file, Name: argv[0], Args: argv[1:], Stderr: true, Patience: versionTimeout}.Ask(ctx)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("asking %s whether it speaks TLS: %w", p.Binary, ctx.Err())
	case AnswersNoTLS(output):
		return fmt.Errorf("%s was %s", p.Binary, WithoutTLS)
	case output == "":
		return fmt.Errorf("asking %s whether it speaks TLS: %w", p.Binary, err)
	}
	return nil
}

// WithoutTLS is what a server was that cannot do what cluster.tls wants.
const WithoutTLS = "built without TLS, which cluster.tls needs; name one that was built with it (make BUILD_TLS=yes), or leave cluster.tls out"
