package target

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// buildFor is a device that takes a layer: the default build, with as many rows, neurons and cells as the layer
// needs beyond it, and 16 neurons matched at once; with the checks of words, which cost nothing that can be measured.
func buildFor(c *hw.EngineConfig) (fpga.Build, error) {
	b := fpga.DefaultBuild()
	b.Checks = true
	groups := b.Groups()
	if r := (fpga.MaxRows - 1) / 2; c.Radius > r {
		return b, fmt.Errorf("fpga-sim: %w", &hwfpga.LimitError{What: "radius", Limit: r, Found: c.Radius})
	}
	b.Rows = max(b.Rows, 2*c.Radius+1)
	b.Lanes = groups * b.Rows
	b.Neurons = max(b.Neurons, c.Neurons)
	if most := fpga.MostNeurons(b.Rows); c.Neurons > most {
		return b, fmt.Errorf("fpga-sim: %w", &hwfpga.LimitError{What: fmt.Sprintf("neurons with patches of radius %d", c.Radius), Limit: most, Found: c.Neurons})
	}
	b.Neurons = min(b.Neurons, fpga.MostNeurons(b.Rows))
	b.Cells = max(b.Cells, b.CellsFor(c.Geometry, c.Banks()))
	if b.Cells > fpga.MaxCells {
		return b, fmt.Errorf("fpga-sim: %w", &hwfpga.LimitError{
			What:  fmt.Sprintf("cells in each surface bank, for %dx%d pixels", c.Geometry.Width, c.Geometry.Height),
			Limit: fpga.MaxCells, Found: b.Cells,
		})
	}
	return b, b.Validate()
}
