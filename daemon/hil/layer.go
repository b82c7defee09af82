package hil

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// deviceConfig is what a device is told of a layer, in the integers that feast computes with.
func deviceConfig(c feast.Config, learning, details bool) (hwfpga.Config, error) {
	if err := c.Validate(); err != nil {
		return hwfpga.Config{}, fmt.Errorf("layer: %w", err)
	}
	mode, ok := map[feast.Mode]uint32{feast.Merged: hwfpga.ModeMerged, feast.Split: hwfpga.ModeSplit, feast.On: hwfpga.ModeOn}[c.Mode]
	if !ok {
		return hwfpga.Config{}, fmt.Errorf("layer: mode %q: the device takes %q, %q and %q", c.Mode, feast.Merged, feast.Split, feast.On)
	}
	decay, err := decayOf(c)
	if err != nil {
		return hwfpga.Config{}, fmt.Errorf("layer: %w", err)
	}
	return hwfpga.Config{
		Width: c.Width, Height: c.Height, Radius: c.Radius, Neurons: c.Neurons, Mode: mode, Zero: c.Border == feast.BorderZero,
		Decay: decay, Rates: [2]hw.Rates{ratesOf(c, 0), ratesOf(c, 0)}, MinRecent: c.MinRecent, Recent: recentOf(c, decay),
		Learning: learning, Selecting: selecting(c, learning), Detail: details,
	}, nil
}

// selecting tells whether only features that reach their threshold win.
func selecting(c feast.Config, learning bool) bool {
	return learning || c.Inference == feast.Thresholds
}

func decayOf(c feast.Config) (*hw.Decay, error) {
	scale := hw.PeakBits(c.Elements())
	switch c.Decay {
	case feast.DecayLinear:
		return hw.NewLinearDecay(c.Tau.Microseconds(), scale)
	case feast.DecayIndex:
		return hw.NewLinearDecay(int64(c.Last), scale)
	default:
		return hw.NewDecay(c.Tau.Microseconds(), scale)
	}
}

// recentOf is the least value of a pixel that fired recently.
func recentOf(c feast.Config, d *hw.Decay) int16 {
	age := c.Recent
	if age == 0 {
		if d.Linear {
			return 1
		}
		age = c.Tau
	}
	return max(1, d.Value(uint32(age.Microseconds())))
}

// ratesOf are the rates of a bank that has learned from so many events.
func ratesOf(c feast.Config, learned uint64) hw.Rates {
	share := c.Anneal.Share(learned)
	// Scaling by a power of two is exact, so that every machine gets the same integer.
	fixed := func(v float64, fraction int) int32 { return int32(math.RoundToEven(math.Ldexp(v, fraction))) }
	return hw.Rates{
		Eta:    fixed(float64(c.Eta*share), hw.EtaFraction),
		DeltaI: fixed(float64(c.DeltaI*share), hw.ThresholdFraction),
		DeltaE: fixed(float64(c.DeltaE*share), hw.ThresholdFraction),
	}
}
