package command

import (
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// fpgaBuild is what a device was synthesised as.
type fpgaBuild struct {
	Rows    int `json:"rows"`
	Lanes   int `json:"lanes"`
	Neurons int `json:"neurons"`
	Cells   int `json:"cells"`
	In      int `json:"in_fifo"`
	Out     int `json:"out_fifo"`
	// Of the delta engine: words of its memories, and layers that can be described. All are 0 where there is none.
	Weights int `json:"delta_weights"`
	Sums    int `json:"delta_sums"`
	Layers  int `json:"delta_layers"`
}

func fpgaBuildOf(b fpga.Build) fpgaBuild {
	f := fpgaBuild{Rows: b.Rows, Lanes: b.Lanes, Neurons: b.Neurons, Cells: b.Cells, In: b.In, Out: b.Out}
	if b.Sums > 0 {
		f.with(b.DeltaCapabilities())
	}
	return f
}

// with adds a delta engine.
func (b *fpgaBuild) with(c hwfpga.DeltaCapabilities) {
	b.Weights, b.Sums, b.Layers = c.Weights, c.Sums, c.Layers
}

func (b fpgaBuild) String() string {
	return fmt.Sprintf("%d rows, %d lanes, 2 x %d neurons, %d x %s cells, FIFOs of %d and %d words",
		b.Rows, b.Lanes, b.Neurons, b.Rows, grouped(b.Cells), b.In, b.Out)
}

// delta tells what the delta engine is.
func (b fpgaBuild) delta() string {
	if b.Layers == 0 {
		return "none"
	}
	return fmt.Sprintf("%d lanes, %s words of weights, %s of sums, %s",
		b.Lanes, grouped(b.Weights), grouped(b.Sums), plural(b.Layers, "layer"))
}
