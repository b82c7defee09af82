package window_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/window"
	"github.com/saccade-dev/saccade/hw"
)

// What the taps of a list add up to is the convolution of what the list says, for lists
// longer than what is handed on at once, in any order, and with groups.
func TestTapsAreTheConvolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 3).Draw(t, "groups")
		in, out := groups*rapid.IntRange(1, 4).Draw(t, "in"), groups*rapid.IntRange(1, 3).Draw(t, "out")
		height, width := rapid.IntRange(3, 9).Draw(t, "height"), rapid.IntRange(3, 9).Draw(t, "width")
		const kernel = 3
		stride, padding := rapid.IntRange(1, 2).Draw(t, "stride"), rapid.IntRange(0, 2).Draw(t, "padding")
		w := window.New([2]int{height, width}, [2]int{kernel, kernel}, [2]int{stride, stride}, [4]int{padding, 0, 0, padding})
		weights := make([]int32, out*in/groups*kernel*kernel)
		for i := range weights {
			weights[i] = int32(i*7919%251 - 125)
		}
		arranged := window.Kernels(weights, in, out, groups, kernel*kernel)
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) hw.Delta {
			return hw.Delta{Index: rapid.Int32Range(0, int32(height*width*in)-1).Draw(t, "index"), Value: rapid.Int32Range(-9, 9).Draw(t, "value")}
		}), 0, 400).Draw(t, "list")
		if rapid.Bool().Draw(t, "sorted") {
			slices.SortFunc(list, func(a, b hw.Delta) int { return int(a.Index - b.Index) })
		}
		image := make([]int32, height*width*in)
		for _, d := range list {
			image[d.Index] += d.Value
		}
		c := window.NewConv(&w, width, in, out, groups)
		require.Equal(t, out/groups, c.Channels())
		got, seen := make([]int32, w.Y.Out*w.X.Out*out), 0
		taken := c.Each(list, func(taps []hw.Tap) {
			seen += len(taps)
			for _, tap := range taps {
				for i := range c.Channels() {
					got[int(tap.Z)+i] += arranged[int(tap.W)+i] * tap.Value
				}
			}
		})
		require.Equal(t, seen, taken)
		require.Equal(t, seen, c.Count(list))
		inputs, outputs := in/groups, out/groups
		for y := range w.Y.Out {
			for x := range w.X.Out {
				for o := range out {
					sum := int32(0)
					for k := range kernel * kernel {
						iy, ix := y*stride+k/kernel-padding, x*stride+k%kernel
						if iy < 0 || iy >= height || ix < 0 || ix >= width {
							continue
						}
						for ci := range inputs {
							sum += weights[(o*inputs+ci)*kernel*kernel+k] * image[(iy*width+ix)*in+o/outputs*inputs+ci]
						}
					}
					at := y*w.X.Out + x
					require.Equal(t, sum, got[at*out+o])
					require.True(t, sum == 0 || c.Touched[at])
				}
			}
		}
	})
}
