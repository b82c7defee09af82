//go:build amd64 && !purego

package cpu

import "github.com/saccade-dev/saccade/hw"

//go:generate go run -C _asm ./delta -out ../delta_amd64.s -stubs ../delta_amd64.go -pkg cpu

// deltaAVX2 are the kernels of delta networks in AVX2, whose columns are eight rows
// long at least.
func deltaAVX2() hw.DeltaKernels {
	return hw.DeltaKernels{
		Columns8:  checkedColumns(scanDeltasAVX2, 8, columns8AVX2),
		Columns16: checkedColumns(scanDeltasAVX2, 8, columns16AVX2),
		Taps8:     checkedTaps(scanTapsAVX2, taps8AVX2),
		Taps16:    checkedTaps(scanTapsAVX2, taps16AVX2),
		Changes:   checkedChanges(8, changesAVX2),
		Levels:    checkedLevels(8, levelsSameAVX2, levelsEachAVX2),
	}
}
