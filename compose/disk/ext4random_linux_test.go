//go:build ext4

package disk

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// What a disk has after a power loss is what ext4 has, whatever programs do, in whole blocks: within one, ext4
// may have the new size without the bytes. Of 300 seeds, 3 differ in the contents of one file, which ext4 wrote
// at the time of a rename or a close, and was written to again. Others differ when anything else on the
// machine has all file systems written (sync(2)) meanwhile, so that the test is not one of those of every change.
func TestRandomPowerLossOfExt4(t *testing.T) {
	seeds, err := strconv.ParseUint(os.Getenv("EXT4_SEEDS"), 10, 64)
	must(t, err)
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			e := newExt4(t)
			o := folders(t)
			d := serveHere(t, o)
			r := rand.New(rand.NewPCG(seed, 0))
			var done []op
			for range 20 + r.IntN(100) {
				done = append(done, randomOp(r, true))
			}
			var did strings.Builder
			e.losePower(func(t *testing.T) {
				onDisk, onExt4 := &files{dir: o.At}, &files{dir: e.at}
				t.Cleanup(onDisk.close)
				t.Cleanup(onExt4.close)
				for _, op := range done {
					got, want := op.do(onDisk), op.do(onExt4)
					fmt.Fprintf(&did, "%s: %.20s\n", op.what, want)
					if got != want {
						t.Fatalf("%s: %s, and %s on ext4", op.what, got, want)
					}
				}
			})
			lost, err := d.LosePower(t.Context(), Tear{})
			must(t, err)
			t.Logf("lost %d bytes of %d files, and %d changes; %d names are left", lost.Bytes, len(lost.Files), len(lost.Changes), len(tree(t, o.Below)))
			sameButZeros(t, tree(t, o.Below), tree(t, e.at))
			if t.Failed() {
				t.Log(did.String())
			}
		})
	}
}
