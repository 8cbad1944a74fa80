package networks

import (
	"crypto/sha256"
	"fmt"

	"github.com/redis-chaos/redis-chaos/compose"
)

// namespaceName is the name of a node's namespace.
func namespaceName(runID, node string) string { return runID + "-" + node }

// hostInterface is the name of the host's interface on a network; 15 characters are
// the most that an interface's name can have.
func hostInterface(runID string, network compose.Network) string {
	hash := sha256.Sum256([]byte(runID))
	return fmt.Sprintf("rc%x%s", hash[:4], network[:3])
}
