//go:build amd64 && !purego

package cpu

import (
	"testing"

	"github.com/saccade-dev/saccade/hw/hwtest"
)

// A machine that has VNNI never takes the way of one that has not.
func TestAVX512WithoutVNNI(t *testing.T) {
	if err := (avx512{}).Usable(); err != nil {
		t.Skip(err)
	}
	hwtest.Kernels(t, avx512Kernels(false))
}
