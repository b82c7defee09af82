package target

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

var _ hw.DeltaOpener = target{}

// OpenDelta makes a device for the layers of a delta network, see [hw.DeltaOpener].
func (target) OpenDelta(layers []hw.DeltaLayer) (hw.DeltaEngine, error) {
	shapes := make([]hw.DeltaShape, len(layers))
	for i := range layers {
		shapes[i] = layers[i].DeltaShape
	}
	link, err := OpenDelta(shapes)
	if err != nil {
		return nil, err
	}
	return hwfpga.OpenDelta(link, layers, options())
}

// OpenDelta makes a device that has room for the layers of a delta network and a link to it, for those who drive it
// themselves.
func OpenDelta(shapes []hw.DeltaShape) (*Link, error) {
	b, err := deltaBuildFor(shapes)
	if err != nil {
		return nil, err
	}
	d, err := fpga.NewDevice(b)
	if err != nil {
		return nil, fmt.Errorf("fpga-sim: %w", err)
	}
	return NewLink(d), nil
}

// deltaBuildFor is the default build with a delta engine, whose memories are as large as the layers need beyond the
// default.
func deltaBuildFor(shapes []hw.DeltaShape) (fpga.Build, error) {
	b := fpga.DeltaBuild()
	can := b.DeltaCapabilities()
	can.Weights, can.Sums = 1<<40, 1<<40 // what is needed is asked below
	layers, err := can.Place(shapes)
	if err != nil {
		return b, fmt.Errorf("fpga-sim: %w", err)
	}
	last := &layers[len(layers)-1]
	b.Weights = max(b.Weights, last.WeightsAt+last.WeightWords(b.Lanes))
	b.Sums = max(b.Sums, last.SumsAt+last.SumWords(b.Lanes))
	if err := b.Validate(); err != nil {
		return b, fmt.Errorf("fpga-sim: %w", err)
	}
	return b, nil
}
