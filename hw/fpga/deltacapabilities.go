package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
)

// DeltaCapabilities are what the delta engine of a device was built with.
type DeltaCapabilities struct {
	Lanes   int // multipliers
	Weights int // words
	Sums    int // words
	Layers  int // that can be described
}

// ReadDeltaCapabilities asks a device what its delta engine has. A device without one is an error.
func ReadDeltaCapabilities(b Bus) (c DeltaCapabilities, err error) {
	all, err := ReadCapabilities(b)
	if err != nil {
		return c, err
	}
	if all.Version < VersionDelta {
		return c, fmt.Errorf("fpga: version %#x: expected %#x or more, of a device with a delta engine", all.Version, uint32(VersionDelta))
	}
	c.Lanes = all.Lanes
	for _, r := range []struct {
		address uint32
		to      *int
	}{{RegWeights, &c.Weights}, {RegSums, &c.Sums}, {RegLayers, &c.Layers}} {
		v, err := b.Read(r.address)
		if err != nil {
			return c, fmt.Errorf("fpga: reading the capabilities: %w", err)
		}
		*r.to = int(v)
	}
	if c.Lanes < 1 || c.Lanes >= 1<<PlaceLanes {
		return c, fmt.Errorf("fpga: capabilities: expected 1 to %d lanes, found %d", 1<<PlaceLanes-1, c.Lanes)
	}
	return c, nil
}

// Place lays layers out behind each other in both memories. What does not fit is a [*LimitError], and a shape that
// makes no sense is an error as well.
func (c *DeltaCapabilities) Place(shapes []hw.DeltaShape) ([]DeltaLayer, error) {
	if len(shapes) < 1 || len(shapes) > c.Layers {
		return nil, &LimitError{What: "layers, from 1 on", Limit: c.Layers, Found: len(shapes)}
	}
	out := make([]DeltaLayer, len(shapes))
	var weights, sums int
	for i, s := range shapes {
		l := &out[i]
		*l = DeltaLayer{DeltaShape: s, WeightsAt: weights, SumsAt: sums}
		if err := s.Validate(); err != nil {
			return nil, fmt.Errorf("fpga: layer %d: %w", i, err)
		}
		if l.Block(c.Lanes) == 0 {
			return nil, &LimitError{What: fmt.Sprintf("lanes, for the blocks of layer %d", i), Limit: c.Lanes, Found: DeltaBlocks}
		}
		if weights += l.WeightWords(c.Lanes); weights > c.Weights {
			return nil, &LimitError{What: fmt.Sprintf("words of weights, up to layer %d", i), Limit: c.Weights, Found: weights}
		}
		if sums += l.SumWords(c.Lanes); sums > c.Sums {
			return nil, &LimitError{What: fmt.Sprintf("words of sums, up to layer %d", i), Limit: c.Sums, Found: sums}
		}
	}
	return out, nil
}
