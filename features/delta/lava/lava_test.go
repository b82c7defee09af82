package lava_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/lava"
	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// small is a network in which everything occurs: a threshold of the input, groups,
// padding, a stride, a flatten in the middle and thresholds of none.
const small = `
input: {channels: 2, height: 7, width: 6, min: -2000, max: 2000}
layers:
  - {name: in, type: threshold, threshold: 100, levels: 127}
  - {name: conv, type: conv2d, out: 4, kernel: 3, stride: [2, 1], padding: [1, 0], groups: 2}
  - {name: relu1, type: relu}
  - {name: delta1, type: threshold, threshold: 3}
  - {name: flat, type: flatten}
  - {name: full, type: linear, out: 9}
  - {name: relu2, type: relu}
  - {name: delta2, type: delta}
  - {name: last, type: linear, out: 3, bias: false}
  - {name: out, type: sigma}
`

// arrays are random weights and biases for it, as int8, large enough for sums of the
// convolution to wrap.
func arrays(t require.TestingT, rng *rand.Rand) npz.Archive {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, a := range []struct {
		name, shape string
		count       int
	}{
		{"conv.weight", "(4, 1, 3, 3)", 36},
		{"conv.bias", "(4,)", 4},
		{"full.weight", "(9, 64)", 9 * 64},
		{"full.bias", "(9,)", 9},
		{"last.weight", "(3, 9)", 27},
	} {
		f, err := w.Create(a.name + ".npy")
		require.NoError(t, err)
		header := fmt.Sprintf("{'descr': '|i1', 'fortran_order': False, 'shape': %s, }\n", a.shape)
		data := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
		data = append(data, header...)
		for range a.count {
			data = append(data, byte(rng.Uint32()))
		}
		_, err = f.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	out, err := npz.Read(b.Bytes())
	require.NoError(t, err)
	return out
}

// literal is the description of the arithmetic, word for word, layer by layer, without
// a thought for speed: differences to the step before, residues, loops over windows.
type literal struct {
	weights            [3][]int32
	bias               [3][]int32
	before, residue    [3][]int32 // of the input, conv and full
	sigma, synapse     [3][]int32 // of conv, full and last
	outputs            [3]int
	threshold          [3]int32
	wrapped, unwrapped int // sums of the convolution
}

func newLiteral(t require.TestingT, a npz.Archive) *literal {
	l := &literal{outputs: [3]int{64, 9, 3}, threshold: [3]int32{100, 3, 0}}
	inputs := [3]int{84, 64, 9}
	for i, name := range []string{"conv", "full", "last"} {
		w, err := a[name+".weight"].Ints(-128, 127)
		require.NoError(t, err)
		for _, v := range w {
			l.weights[i] = append(l.weights[i], int32(v))
		}
		if a[name+".bias"] != nil {
			b, err := a[name+".bias"].Ints(-128, 127)
			require.NoError(t, err)
			for _, v := range b {
				l.bias[i] = append(l.bias[i], int32(v))
			}
		}
		l.before[i], l.residue[i] = make([]int32, inputs[i]), make([]int32, inputs[i])
		l.sigma[i], l.synapse[i] = make([]int32, l.outputs[i]), make([]int32, l.outputs[i])
	}
	return l
}

// delta is what a layer sends when its activations become a.
func (l *literal) delta(i int, a []int32) []int32 {
	out := make([]int32, len(a))
	for k, v := range a {
		d := v - l.before[i][k] + l.residue[i][k]
		sent := int32(0)
		if max(d, -d) >= l.threshold[i]<<12 {
			sent = d
		}
		l.residue[i][k], l.before[i][k] = d-sent, v
		out[k] = sent >> 6
	}
	return out
}

func (l *literal) step(input []int32) []int32 {
	a := make([]int32, len(input))
	for k, v := range input {
		a[k] = v << 12
	}
	sent := l.delta(0, a)
	for i := range 3 {
		for k := range l.sigma[i] {
			l.sigma[i][k] += l.synapse[i][k]
		}
		if i == 0 {
			l.conv(sent)
		} else {
			for o := range l.synapse[i] {
				sum := int32(0)
				for k, v := range sent {
					sum += l.weights[i][o*len(sent)+k] * v
				}
				l.synapse[i][o] = sum
			}
		}
		if i == 2 {
			break
		}
		a := make([]int32, l.outputs[i])
		per := l.outputs[i] / len(l.bias[i])
		for k, v := range l.sigma[i] {
			a[k] = max(v+l.bias[i][k/per]<<12, 0)
		}
		sent = l.delta(i+1, a)
	}
	return append([]int32{}, l.sigma[2]...)
}

// conv sums up windows of 3x3 at every second row, with a row of padding, in 24 bits.
func (l *literal) conv(sent []int32) {
	const height, width, outHeight, outWidth = 7, 6, 4, 4
	for o := range 4 {
		for y := range outHeight {
			for x := range outWidth {
				sum := int64(0)
				for ky := range 3 {
					for kx := range 3 {
						if iy := 2*y + ky - 1; iy >= 0 && iy < height {
							sum += int64(l.weights[0][(o*3+ky)*3+kx]) * int64(sent[(o/2*height+iy)*width+x+kx])
						}
					}
				}
				wrapped := (sum+1<<23)&(1<<24-1) - 1<<23
				if wrapped != sum {
					l.wrapped++
				} else {
					l.unwrapped++
				}
				l.synapse[0][(o*outHeight+y)*outWidth+x] = int32(wrapped)
			}
		}
	}
}

// A network gives what the description of the arithmetic says, step by step, with sums
// that wrap and residues that add up.
func TestNetworkIsTheDescription(t *testing.T) {
	top, err := topology.Parse([]byte(small), "")
	require.NoError(t, err)
	wrapped, unwrapped := 0, 0
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		rapid.Check(t, func(t *rapid.T) {
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			a := arrays(t, rng)
			n, err := lava.New(top, a, target)
			require.NoError(t, err)
			l := newLiteral(t, a)
			input := make([]int32, 84)
			for range rapid.IntRange(1, 20).Draw(t, "steps") {
				largest := rapid.SampledFrom([]int{0, 60, 2000}).Draw(t, "change")
				for i := range input {
					if largest > 0 && rng.IntN(3) == 0 {
						input[i] = max(min(input[i]+int32(rng.IntN(2*largest)-largest), 2000), -2000)
					}
				}
				got, err := n.Step(input)
				require.NoError(t, err)
				require.Equal(t, l.step(input), got)
			}
			wrapped, unwrapped = wrapped+l.wrapped, unwrapped+l.unwrapped
		})
	})
	require.Greater(t, wrapped, 1000, "the test sees sums that wrap")
	require.Greater(t, unwrapped, 1000)
}

// Steps take no memory.
func TestStepDoesNotAllocate(t *testing.T) {
	top, err := topology.Parse([]byte(small), "")
	require.NoError(t, err)
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 1))
	n, err := lava.New(top, arrays(t, rng), target)
	require.NoError(t, err)
	input := make([]int32, 84)
	require.Zero(t, testing.AllocsPerRun(50, func() {
		for i := range input {
			input[i] = int32(rng.IntN(4000) - 2000)
		}
		if _, err := n.Step(input); err != nil {
			t.Error(err)
		}
	}))
}
