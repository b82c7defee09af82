package fpga_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// drawShape makes a layer's shape, as small as to be filled by a few changes.
func drawShape(rng *rand.Rand) hw.DeltaShape {
	if rng.IntN(2) == 0 {
		return hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 1 + rng.IntN(40), Height: 1, Width: 1, Outputs: 1 + rng.IntN(60)}
	}
	s := hw.DeltaShape{
		Kind: hw.DeltaConv3x3, Channels: 1 + rng.IntN(4), Height: 1 + rng.IntN(9), Width: 1 + rng.IntN(9), Outputs: 1 + rng.IntN(9),
		Stride: 1 + rng.IntN(2), Padding: rng.IntN(2),
	}
	if s.Padding == 0 {
		s.Height, s.Width = s.Height+2, s.Width+2
	}
	return s
}

// drawWeights makes weights of all sizes.
func drawWeights(rng *rand.Rand, s hw.DeltaShape) []int16 {
	out := make([]int16, s.WeightsLen())
	for i := range out {
		switch rng.IntN(8) {
		case 0:
			out[i] = math.MaxInt16
		case 1:
			out[i] = -math.MaxInt16
		default:
			out[i] = int16(rng.IntN(255) - 127)
		}
	}
	return out
}

// drawChanges makes changes, some of the same input, some of several words.
func drawChanges(rng *rand.Rand, s hw.DeltaShape, n int) []hw.Delta {
	out := make([]hw.Delta, n)
	for i := range out {
		out[i] = hw.Delta{Index: int32(rng.IntN(s.Inputs())), Value: int32(rng.IntN(255) - 127)}
		switch rng.IntN(12) {
		case 0:
			out[i].Value = []int32{math.MaxInt16, math.MinInt16, 2 * math.MaxInt16, -2 * math.MaxInt16, 1 << 20, 0}[rng.IntN(6)]
		case 1:
			if i > 0 {
				out[i].Index = out[i-1].Index
			}
		}
	}
	return out
}

// definition adds changes to sums as purego does.
func definition(t tester, l *hw.DeltaLayer, sums []int32, changes []hw.Delta) (macs uint64) {
	k := purego(t).Kernels().Delta
	if l.Kind == hw.DeltaLinear {
		k.Columns16(sums, l.Weights, l.Outputs, changes)
		for _, d := range changes {
			macs += uint64(words(d.Value) * l.Outputs)
		}
		return macs
	}
	var taps []hw.Tap
	height, width := l.Out()
	for _, d := range changes {
		channel, pixel := int(d.Index)%l.Channels, int(d.Index)/l.Channels
		y, x := pixel/l.Width, pixel%l.Width
		for oy := range height {
			for ox := range width {
				ky, kx := y+l.Padding-oy*l.Stride, x+l.Padding-ox*l.Stride
				if ky >= 0 && ky < 3 && kx >= 0 && kx < 3 {
					taps = append(taps, hw.Tap{Z: int32((oy*width + ox) * l.Outputs), W: int32((channel*9 + ky*3 + kx) * l.Outputs), Value: d.Value})
					macs += uint64(words(d.Value) * l.Outputs)
				}
			}
		}
	}
	k.Taps16(sums, l.Weights, l.Outputs, taps)
	return macs
}

// words is how many a change takes.
func words(change int32) int { return len(hwfpga.AppendChange(nil, 0, change)) }

// drawDeltaBuild is a build with room for layers.
func drawDeltaBuild(rng *rand.Rand) fpga.Build {
	rows := []int{1, 3, 5}[rng.IntN(3)]
	b := fpga.Build{Rows: rows, Neurons: 4, Cells: 64, In: 1 << (2 + rng.IntN(6)), Out: 1 << (2 + rng.IntN(4)), Weights: 4096, Sums: 512}
	b.Lanes = rows * (1 + rng.IntN(30/rows))
	for b.Lanes < hwfpga.DeltaBlocks {
		b.Lanes += rows
	}
	return b
}

// The sums of the delta engine are those of purego's kernels, whatever the layers, the lanes and the changes; and
// what it says to have touched is what has changed, or could have.
func TestDeltaExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		layers := make([]hw.DeltaLayer, 1+rng.IntN(3))
		want, got := make([][]int32, len(layers)), make([][]int32, len(layers))
		for i := range layers {
			s := drawShape(rng)
			layers[i] = hw.DeltaLayer{DeltaShape: s, Weights: drawWeights(rng, s)}
			want[i], got[i] = make([]int32, s.Sums()), make([]int32, s.Sums())
		}
		d, err := fpga.NewDevice(drawDeltaBuild(rng))
		require.NoError(t, err)
		e, err := hwfpga.OpenDelta(target.NewLink(d), layers, hwfpga.Options{})
		require.NoError(t, err)
		for i := range layers {
			for k := range want[i] {
				want[i][k] = int32(rng.Uint32())
			}
			require.NoError(t, e.Load(i, want[i]))
			copy(got[i], want[i])
		}
		var macs uint64
		for range 6 {
			i := rng.IntN(len(layers))
			changes := drawChanges(rng, layers[i].DeltaShape, rng.IntN(30))
			before := append([]int32(nil), want[i]...)
			macs += definition(t, &layers[i], want[i], changes)
			seen := make([]bool, len(before))
			require.NoError(t, e.Add(i, changes, got[i], func(from, to int) {
				for k := range seen[from:to] {
					require.False(t, seen[from+k], "sum %d comes once", from+k)
					seen[from+k] = true
				}
			}))
			require.Equal(t, want[i], got[i], "layer %+v", layers[i].DeltaShape)
			for k, v := range before {
				require.True(t, seen[k] || v == want[i][k], "sum %d", k)
			}
		}
		for i := range layers {
			stored := make([]int32, len(want[i]))
			require.NoError(t, e.Store(i, stored))
			require.Equal(t, want[i], stored)
		}
		c, err := e.Counters()
		require.NoError(t, err)
		require.Equal(t, macs, c.MACs)
		require.NoError(t, e.Close())
	})
}
