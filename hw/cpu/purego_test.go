package cpu

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
)

// Any two dot products that fit in 32 bits come apart, whatever the lower has
// borrowed from the upper.
func TestPuregoSplit(t *testing.T) {
	edges := []int32{math.MinInt32, math.MinInt32 + 1, -1, 0, 1, math.MaxInt32}
	number := rapid.OneOf(rapid.Int32(), rapid.SampledFrom(edges))
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "low"), number.Draw(t, "high")
		low, high := split(uint64(a) + uint64(b)<<32)
		require.Equal(t, a, low)
		require.Equal(t, b, high)
	})
}

// The product and the shift by a constant are the shifts of every decay there is, at
// all times: from the first microseconds on, when nothing is as old as the horizon, to
// the last stamp.
func TestPuregoUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tau := rapid.OneOf(rapid.Int64Range(1, 20_000), rapid.Int64Range(1, hw.MaxTau)).Draw(t, "tau")
		d, err := hw.NewDecay(tau, rapid.IntRange(1, hw.MaxPeakBits).Draw(t, "scale"))
		require.NoError(t, err)
		now := rapid.Uint32Range(0, hw.MaxStamp).Draw(t, "now")
		age := rapid.OneOf(rapid.Uint32(), rapid.Uint32Range(0, 2*d.Horizon), rapid.Uint32Range(d.Horizon-2, d.Horizon+2))
		cells := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) uint32 {
			return (now - age.Draw(t, "age")) & math.MaxInt32 // some are of the future
		}), 1, 40).Draw(t, "cells")
		units := make([]int16, len(cells))
		a := newAging(d, now)
		a.units(units, cells)
		for i, cell := range cells {
			require.Equal(t, d.Units(now-min(cell, now)), uint32(uint16(units[i])), "cell %d", cell)
		}
	})
}
