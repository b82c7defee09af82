package hw_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

// Shapes have the outputs that the arithmetic of convolutions gives them.
func TestDeltaShape(t *testing.T) {
	s := hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 2, Height: 34, Width: 33, Outputs: 8, Stride: 2, Padding: 1}
	require.NoError(t, s.Validate())
	height, width := s.Out()
	require.Equal(t, [2]int{17, 17}, [2]int{height, width})
	require.Equal(t, 17*17*8, s.Sums())
	require.Equal(t, 2*9*8, s.WeightsLen())
	require.Equal(t, 2*34*33, s.Inputs())
	l := hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 1156, Height: 1, Width: 1, Outputs: 256}
	require.NoError(t, l.Validate())
	require.Equal(t, 256, l.Sums())
	require.Equal(t, 1156*256, l.WeightsLen())
}

// A shape that no device can have says which number is why.
func TestDeltaShapeRefused(t *testing.T) {
	conv := hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 2, Height: 5, Width: 5, Outputs: 8, Stride: 1}
	linear := hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 2, Height: 1, Width: 1, Outputs: 8}
	for what, s := range map[string]hw.DeltaShape{
		"found kind 0":                                {Channels: 1, Height: 1, Width: 1, Outputs: 1},
		"found 0, 5, 5 and 8":                         with(conv, func(s *hw.DeltaShape) { s.Channels = 0 }),
		"found 2, 5, 5 and 1048577":                   with(conv, func(s *hw.DeltaShape) { s.Outputs = 1<<20 + 1 }),
		"at most 65536 inputs, found 80000":           with(conv, func(s *hw.DeltaShape) { s.Height, s.Width = 200, 200 }),
		"a stride of 1 or 2":                          with(conv, func(s *hw.DeltaShape) { s.Stride = 3 }),
		"a padding of 0 or 1, found 1 and 2":          with(conv, func(s *hw.DeltaShape) { s.Padding = 2 }),
		"that the kernel fits into, found 2x5 with":   with(conv, func(s *hw.DeltaShape) { s.Height = 2 }),
		"neither stride nor padding, found 1x1, 1 an": with(linear, func(s *hw.DeltaShape) { s.Stride = 1 }),
		"linear: expected an input of 1x1":            with(linear, func(s *hw.DeltaShape) { s.Width = 2 }),
	} {
		require.ErrorContains(t, s.Validate(), what)
	}
}

func with(s hw.DeltaShape, change func(*hw.DeltaShape)) hw.DeltaShape {
	change(&s)
	return s
}
