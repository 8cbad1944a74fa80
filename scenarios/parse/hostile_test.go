package parse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis-chaos/redis-chaos/scenarios/document"
)

// Values that are something else to whoever they reach than they are here are refused, with
// their position.
func TestHostileValues(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"name", "../../etc", "is not a name"},
		{"name", "a\x1b[31m", "is not a name"},
		{"name", strings.Repeat("a", 10_000), "is not a name"},
		{"name", "a\n", "is not a name"},
		{"cluster.image", "redis:7 --privileged", "is not an image"},
		{"cluster.image", "--privileged", "is not an image"},
		{"cluster.image", "-v/:/host", "is not an image"},
		{"cluster.image", "${HOME}", "is not an image"},
		{"cluster.image", "redis:7\u0085privileged: true", "is not an image"},
		{"cluster.image", "a\x00b", "is not an image"},
		{"cluster.image", "redis:\x1b[2J", "is not an image"},
		{"cluster.image", strings.Repeat("a", 10_000), "is not an image"},
		{"cluster.dns", "fe80::1%eth0", "has a zone"},
		{"cluster.dns", "1.1.1.1\n", "is not the address"},
		{"cluster.dns", "1.1.1.1, 2.2.2.2", "is not the address"},
		{"cluster.announce", "hostname\n", "unknown announcement"},
		{"cluster.masters", "9999999999999999999999", "out of range"},
		{"cluster.masters", "-3", "out of range"},
		{"cluster.masters", "3e0", "not a whole number"},
		{"duration", "9223372036854775807s", "not a duration"},
		{"duration", "-1s", "negative"},
		{"duration", "1e99s", "not a duration"},
		{"duration", "NaNs", "not a duration"},
		{"workloads.w.name", "a/b", "is not a name"},
		{"workloads.w.type", "set\x00", "unknown type"},
		{"workloads.w.rate", "1e300", "out of range"},
		{"workloads.w.rate", "inf", "not a number"},
		{"workloads.w.value_size", "9223372036854775807GiB", "not a size"},
		{"workloads.w.value_size", "1GiB", "out of range"},
		{"workloads.w.clients", "2147483648", "out of range"},
		{"seed", "0x10", "not a whole number"},
	} {
		_, err := Scenario("f.yaml", []byte(minimal+"workloads: [{name: w}]\n"), fakeCatalog(), []string{c.key + "=" + c.value})
		var invalid *document.Invalid
		if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || !strings.Contains(invalid.Problems[0].Msg, c.want) {
			t.Errorf("--set %s=%.40q: %.300v, want one problem: %s", c.key, c.value, err, c.want)
		}
	}
	for _, image := range []string{"redis:7-alpine", "localhost:5000/a/b@sha256:" + strings.Repeat("0", 64), "[::1]:5000/redis", "Host.example/redis", "redis-chaos/local:redis-7.0.15-0123"} {
		if _, err := Scenario("f.yaml", fmt.Appendf(nil, "%scluster: {image: %q}\n", minimal, image), fakeCatalog(), nil); err != nil {
			t.Errorf("%s: %v", image, err)
		}
	}
}
