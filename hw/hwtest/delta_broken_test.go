package hwtest_test

import (
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

type (
	columns8 func(z []int32, weights []int8, stride int, deltas []hw.Delta)
	taps16   func(z []int32, weights []int16, channels int, taps []hw.Tap)
)

// brokenColumns are kernels of dense layers with a mistake each, made from right
// ones: the part of the suite that must find it, and what it says.
var brokenColumns = map[string]struct {
	part, says string
	make       func(right columns8) columns8
}{
	"columns reads behind the weights": {"lengths", "behind the end of the slice of the delta network's weights", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			if len(weights) > 0 {
				touched = uint32(*at(weights, len(weights)))
			}
			right(z, weights, stride, deltas)
		}
	}},
	"columns reads behind the deltas": {"lists", "behind the end of the slice of the deltas", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			if len(deltas)%2 == 1 {
				touched = uint32(at(deltas, len(deltas)).Index)
			}
			right(z, weights, stride, deltas)
		}
	}},
	"columns stores whole registers": {"lengths", "the slice of the sums", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			right(z, weights, stride, deltas)
			if len(z)%8 != 0 && len(z) > 70 {
				*at(z, len(z)) = 0
			}
		}
	}},
	"columns writes the weights": {"lengths", "were written", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			right(z, weights, stride, deltas)
			for i := range weights {
				weights[i] ^= -128
			}
		}
	}},
	"columns stores and does not add": {"lengths", "expected", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			clear(z)
			right(z, weights, stride, deltas)
		}
	}},
	"columns takes rows for the stride": {"lengths", "expected", func(right columns8) columns8 {
		return func(z []int32, weights []int8, _ int, deltas []hw.Delta) { right(z, weights, len(z), deltas) }
	}},
	"columns leaves out an odd row": {"lengths", "expected", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			if len(z) > 128 {
				z = z[:len(z)&^1]
			}
			right(z, weights, stride, deltas)
		}
	}},
	"columns leaves out an odd delta": {"lists", "expected", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			if len(deltas) > 36 {
				deltas = deltas[:len(deltas)&^1]
			}
			right(z, weights, stride, deltas)
		}
	}},
	"columns leaves out what is behind 1024 deltas": {"lists", "expected", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			right(z, weights, stride, deltas[:min(len(deltas), 1024)])
		}
	}},
	"columns cuts values to 16 bits": {"lengths", "expected", values(func(v int32) int32 { return int32(int16(v)) })},
	"columns cuts values to 24 bits": {"lengths", "expected", values(func(v int32) int32 { return v << 8 >> 8 })},
	"columns loses the carry of digits of 8 bits": {"lengths", "expected", values(func(v int32) int32 {
		return int32(int8(v)) + v&^0xff
	})},
	"columns loses the carry of digits of 16 bits": {"lengths", "expected", values(func(v int32) int32 {
		return int32(int16(v)) + v&^0xffff
	})},
	"columns loses -128": {"lengths", "expected", values(func(v int32) int32 {
		if v == -128 {
			return -127
		}
		return v
	})},
	"columns clamps values": {"dense", "not the dense product", values(func(v int32) int32 {
		return max(v, -math.MaxInt32)
	})},
	"columns clamps sums": {"dense", "not the dense product", func(columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			for i := range z {
				sum := int64(z[i])
				for _, d := range deltas {
					sum += int64(weights[int(d.Index)*stride+i]) * int64(d.Value)
				}
				z[i] = int32(max(min(sum, math.MaxInt32), math.MinInt32))
			}
		}
	}},
	"columns checks the first and the last index": {"misuse", "expected a panic, found", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			if n := len(deltas); n > 2 {
				deltas = []hw.Delta{deltas[0], deltas[n-1]}
			}
			right(z, weights, stride, deltas)
		}
	}},
	"columns multiplies 32 bits to check": {"misuse", "expected a panic, found", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			if stride > 1<<20 {
				for _, d := range deltas {
					if int(d.Index*int32(stride))+len(z) > len(weights) {
						panic("outside")
					}
				}
				return
			}
			right(z, weights, stride, deltas)
		}
	}},
	"columns checks as it goes": {"misuse", "changed ahead of the panic", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			for i := range deltas {
				right(z, weights, stride, deltas[i:i+1])
			}
			right(z, weights, stride, nil)
		}
	}},
	"columns allocates": {"allocations", "expected no allocation", func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			scratch = make([]int32, len(z))
			right(z, weights, stride, deltas)
		}
	}},
}

// values is the mistake of a kernel that takes deltas for what their values are not.
func values(wrong func(v int32) int32) func(right columns8) columns8 {
	return func(right columns8) columns8 {
		return func(z []int32, weights []int8, stride int, deltas []hw.Delta) {
			deltas = slices.Clone(deltas)
			for i := range deltas {
				deltas[i].Value = wrong(deltas[i].Value)
			}
			right(z, weights, stride, deltas)
		}
	}
}

// brokenTaps are the same for convolutions.
var brokenTaps = map[string]struct {
	part, says string
	make       func(right taps16) taps16
}{
	"taps reads behind the weights": {"lengths", "behind the end of the slice of the delta network's weights", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			if len(weights) > 0 {
				touched = uint32(*at(weights, len(weights)))
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps reads behind the taps": {"lists", "behind the end of the slice of the taps", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			if len(taps) > 0 {
				touched = uint32(at(taps, len(taps)).Z)
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps stores whole registers": {"lengths", "the slice of the sums", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			right(z, weights, channels, taps)
			if channels%4 == 3 && len(z) > 0 {
				*at(z, len(z)) = 0
			}
		}
	}},
	"taps stores and does not add": {"lengths", "expected", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			for _, t := range taps {
				clear(z[t.Z:][:channels])
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps leaves out an odd channel": {"lengths", "expected", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			if channels > 128 {
				channels &^= 1
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps leaves out the last of a list": {"lists", "expected", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			right(z, weights, channels, taps[:min(len(taps), 576)])
		}
	}},
	"taps loads the sums of overlapping taps ahead": {"lists", "expected", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			if len(taps) < 2 {
				right(z, weights, channels, taps)
				return
			}
			old := slices.Clone(z)
			for i := range taps {
				t := taps[i]
				if i > 0 && t.Z != taps[i-1].Z {
					copy(z[t.Z:][:channels], old[t.Z:][:channels])
				}
				right(z, weights, channels, taps[i:i+1])
			}
		}
	}},
	"taps takes consecutive taps for the same sums": {"lists", "expected", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			taps = slices.Clone(taps)
			if len(taps) == 40 {
				taps[39].Z = taps[38].Z
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps cuts values to 16 bits": {"convolution", "expected", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			taps = slices.Clone(taps)
			for i := range taps {
				taps[i].Value = int32(int16(taps[i].Value))
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps checks the sums alone": {"misuse", "of the weights", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			taps = slices.Clone(taps)
			for i := range taps {
				taps[i].W = 0
			}
			right(z, weights, channels, taps)
		}
	}},
	"taps takes channels below zero for none": {"misuse", "fewer than none", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			right(z, weights, max(channels, 0), taps)
		}
	}},
	"taps checks as it goes": {"misuse", "changed ahead of the panic", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			for i := range taps {
				right(z, weights, channels, taps[i:i+1])
			}
		}
	}},
	"taps allocates": {"allocations", "expected no allocation", func(right taps16) taps16 {
		return func(z []int32, weights []int16, channels int, taps []hw.Tap) {
			scratch = make([]int32, len(z))
			right(z, weights, channels, taps)
		}
	}},
}

// TestBrokenDelta is the test that has to fail, in the other process.
func TestBrokenDelta(t *testing.T) {
	name := os.Getenv(brokenEnv)
	k := purego(t).Kernels().Delta
	if b, found := brokenColumns[name]; found {
		k.Columns8 = b.make(k.Columns8)
	} else if b, found := brokenTaps[name]; found {
		k.Taps16 = b.make(k.Taps16)
	} else if b, found := brokenChanges[name]; found {
		k.Changes = b.make(k.Changes)
	} else if b, found := brokenLevels[name]; found {
		k.Levels = b.make(k.Levels)
	} else {
		t.Skip("run by TestDeltaFindsMistakes")
	}
	hwtest.Delta(t, &k)
}

func TestDeltaFindsMistakes(t *testing.T) {
	find := func(name, part, says string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(name, "reads") && runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
				t.Skip("no pages that cannot be read on this system")
			}
			out, failed := runTest(t, "^TestBrokenDelta$/^"+part+"$", brokenEnv+"="+name)
			require.True(t, failed, "the suite passed:\n%s", out)
			require.Contains(t, out, says)
			require.NotContains(t, out, "goroutine ", "the suite reports, it does not crash")
		})
	}
	for _, name := range slices.Sorted(maps.Keys(brokenColumns)) {
		find(name, "columns8$/^"+brokenColumns[name].part, brokenColumns[name].says)
	}
	for _, name := range slices.Sorted(maps.Keys(brokenTaps)) {
		find(name, "taps16$/^"+brokenTaps[name].part, brokenTaps[name].says)
	}
	for _, name := range slices.Sorted(maps.Keys(brokenChanges)) {
		find(name, "changes$/^"+brokenChanges[name].part, brokenChanges[name].says)
	}
	for _, name := range slices.Sorted(maps.Keys(brokenLevels)) {
		find(name, "levels$/^"+brokenLevels[name].part, brokenLevels[name].says)
	}
}
