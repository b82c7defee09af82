package fpga

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Build is what is fixed when a device is synthesised: its memories and its multipliers.
type Build struct {
	// Rows is the number of surface banks and of decay units, and so the largest side of
	// a patch. It is odd.
	Rows int
	// Lanes is the number of multipliers that match: a multiple of Rows, of which each
	// multiple is a neuron that is matched at once.
	Lanes int
	// Neurons is the most that a bank of neurons can have; there are two banks.
	Neurons int
	// Cells is the number of stamps in each surface bank.
	Cells int
	// In and Out are the lengths of the FIFOs in words, powers of two.
	In, Out int
	// Weights and Sums are the memories of the delta engine: words of a weight of 16 bits for each lane, and words
	// of a sum of 32 bits for each. Both are 0 in a build without one.
	Weights, Sums int
	// Checks says that the device has the registers that check the words of its streams: hw/fpga's RegChecks.
	Checks bool
}

// DefaultBuild is 16 neurons of 11x11 at once: one column of the patch in a cycle.
func DefaultBuild() Build {
	return Build{Rows: 11, Lanes: 176, Neurons: 64, Cells: 4096, In: 512, Out: 512}
}

// The bounds of a build. They are those of the register map's fields, and keep the memory
// of a model that somebody asks for over a socket below 100 MB.
const (
	MaxRows        = 31
	MaxLanes       = MaxRows * 256
	MaxNeurons     = 1024
	MaxCells       = 1 << 18
	MaxFIFO        = 1 << 16
	minFIFO        = 4 // an event of two words, and one behind it
	maxWeightWords = 1 << 21
)

// Validate returns an error that names the first field out of its range.
func (b Build) Validate() error {
	power := func(n int) bool { return n&(n-1) == 0 }
	switch {
	case b.Rows < 1 || b.Rows > MaxRows || b.Rows%2 == 0:
		return fmt.Errorf("build: rows %d: expected an odd number from 1 to %d", b.Rows, MaxRows)
	case b.Lanes < b.Rows || b.Lanes > MaxLanes || b.Lanes%b.Rows != 0:
		return fmt.Errorf("build: lanes %d: expected a multiple of the %d rows, at most %d", b.Lanes, b.Rows, MaxLanes)
	case b.Neurons < 1 || b.Neurons > MaxNeurons:
		return fmt.Errorf("build: neurons %d: expected 1 to %d", b.Neurons, MaxNeurons)
	case b.Neurons > MostNeurons(b.Rows):
		return fmt.Errorf("build: neurons %d: expected at most %d weights, found two banks of %d", b.Neurons, maxWeightWords, b.Neurons*b.Rows*b.Rows)
	case b.Cells < 1 || b.Cells > MaxCells:
		return fmt.Errorf("build: cells %d: expected 1 to %d", b.Cells, MaxCells)
	case b.In < minFIFO || b.In > MaxFIFO || !power(b.In):
		return fmt.Errorf("build: input FIFO of %d words: expected a power of two from %d to %d", b.In, minFIFO, MaxFIFO)
	case b.Out < minFIFO || b.Out > MaxFIFO || !power(b.Out):
		return fmt.Errorf("build: result FIFO of %d words: expected a power of two from %d to %d", b.Out, minFIFO, MaxFIFO)
	}
	return b.validateDelta()
}

// Groups is the number of neurons that are matched at once.
func (b Build) Groups() int { return b.Lanes / b.Rows }

// MostNeurons is how many neurons a bank of a build with so many rows can have at the most.
func MostNeurons(rows int) int { return min(MaxNeurons, maxWeightWords/(2*rows*rows)) }

// CellsFor is how many cells each surface bank needs for a sensor's planes.
func (b Build) CellsFor(g events.Geometry, planes int) int {
	return planes * b.lines(g.Height) * g.Width
}

// lines is the number of rows of a plane that each surface bank holds.
func (b Build) lines(height int) int { return (height + b.Rows - 1) / b.Rows }

// fits tells whether the planes of a sensor fit into the surface banks.
func (b Build) fits(g events.Geometry, planes int) bool {
	return b.CellsFor(g, planes) <= b.Cells
}
