package fpga_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// sumsLayer is a convolution whose last tiles and last words are not full, of 2x3 words.
func sumsLayer() *fpga.DeltaLayer {
	return &fpga.DeltaLayer{DeltaShape: hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 1, Height: 3, Width: 5, Outputs: 5, Stride: 1, Padding: 1}}
}

const sumsLanes = 18 // 2 a block: words of 2, 2 and 1 channels

// Sums go to where they belong; runs are told as they come.
func TestSumsReader(t *testing.T) {
	l := sumsLayer()
	require.Equal(t, 6, l.SumWords(sumsLanes))
	sums := make([]int32, l.Sums())
	var runs [][2]int
	r := fpga.NewSumsReader(l, sumsLanes, sums, func(from, to int) { runs = append(runs, [2]int{from, to}) })
	for i, w := range []uint32{
		0<<16 | 1<<0 | 1<<5, 10, 11, 12, 13, // channels 0 and 1 of pixels (0, 0) and (1, 2)
		5<<16 | 1<<7, 14, // channel 4 of pixel (2, 4)
		2 << 16,
	} {
		done, err := r.Word(w)
		require.NoError(t, err)
		require.Equal(t, i == 7, done)
	}
	require.Equal(t, [][2]int{{0, 2}, {35, 37}, {74, 75}}, runs)
	require.Equal(t, []int32{10, 11, 12, 13, 14}, []int32{sums[0], sums[1], sums[35], sums[36], sums[74]})
	require.Equal(t, 5, r.Count())
}

// What cannot be is an error that says what.
func TestSumsReaderRefuses(t *testing.T) {
	for what, words := range map[string][]uint32{
		"headers ahead of the end": {1 << 16},
		"word":                     {6<<16 | 1},
		"blocks":                   {3<<16 | 1<<2}, // beyond the right side
		"blocks that hold":         {0<<16 | 1<<9},
		"the one before it":        {5<<16 | 1, 7, 5<<16 | 1},
	} {
		l := sumsLayer()
		r := fpga.NewSumsReader(l, sumsLanes, make([]int32, l.Sums()), nil)
		var err error
		for _, w := range words {
			require.NoError(t, err)
			_, err = r.Word(w)
		}
		require.ErrorAs(t, err, new(*fpga.SumsError), what)
		require.ErrorContains(t, err, what)
	}
}

// FuzzSums reads what bytes say: it never panics, and no sum comes twice ahead of an end.
func FuzzSums(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 1, 0})
	f.Add([]byte{0xff, 1, 0, 0, 9, 9, 9, 9})
	f.Add([]byte{1, 0, 5, 0, 1, 1, 1, 1, 8, 0, 5, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		l := sumsLayer()
		seen := make([]bool, l.Sums())
		r := fpga.NewSumsReader(l, sumsLanes, make([]int32, l.Sums()), func(from, to int) {
			for i := from; i < to; i++ {
				require.False(t, seen[i])
				seen[i] = true
			}
		})
		for ; len(data) >= 4; data = data[4:] {
			if done, err := r.Word(binary.LittleEndian.Uint32(data)); done || err != nil {
				return
			}
		}
	})
}

// A change is as many words as it needs, none of which announces a command, and they add up to it.
func TestAppendChange(t *testing.T) {
	for _, v := range []int32{0, 1, -1, fpga.MaxChange, fpga.MaxChange + 1, fpga.MinChange, fpga.MinChange - 1, 65534, -65534, 1 << 20, -1 << 20} {
		var sum int32
		words := fpga.AppendChange(nil, 32767, v)
		for _, w := range words {
			require.NotEqual(t, fpga.CommandWord, w)
			require.EqualValues(t, 32767, w>>16)
			sum += int32(int16(uint16(w)))
		}
		require.Equal(t, v, sum)
	}
	require.Empty(t, fpga.AppendChange(nil, 3, 0))
	require.Len(t, fpga.AppendChange(nil, 3, 65534), 3)
}
