package pool

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Source says what is counted.
type Source string

// The sources.
const (
	SourceFeatures Source = "features" // the winners of a FEAST layer; the default
	SourceEvents   Source = "events"   // raw events, feature 0 being OFF and feature 1 ON
)

// Transform is what is done to each count before the vector is normalised.
type Transform string

// The transforms.
const (
	TransformSqrt Transform = "sqrt" // the default
	TransformNone Transform = "none"
)

// Norm is what the vector is scaled to.
type Norm string

// The norms.
const (
	NormL2   Norm = "l2" // unit Euclidean length, the default; a zero vector stays zero
	NormNone Norm = "none"
)

// Spread is how an event is counted in space.
type Spread string

// The spreads.
const (
	// SpreadHard counts an event once, in the cell that it lies in; the default.
	SpreadHard Spread = "hard"
	// SpreadBilinear shares an event among the four cells whose centres are
	// nearest, by its distance from them in x and in y: what moves by a pixel
	// then moves a little of the vector, and not all or nothing of it. An event
	// has 4*CellWidth*CellHeight parts, so that all counts are integers.
	SpreadBilinear Spread = "bilinear"
)

const (
	// DefaultCell is the side of a cell in pixels where a Config leaves it zero.
	DefaultCell = 5
	// MaxFeatures is the most features a pool can tell apart: a winner is an int16.
	MaxFeatures = 1 << 15
	// MaxLen is the longest vector a pool may have, which bounds its memory to 64 MiB.
	MaxLen = 1 << 24
)

// Config is what a pool counts and how it presents the counts. Empty strings and
// zero cell sides stand for the defaults.
type Config struct {
	Geometry   events.Geometry // of the sensor, in pixels
	CellWidth  int             // in pixels, DefaultCell if 0
	CellHeight int             // in pixels, DefaultCell if 0
	Source     Source
	// Features is the number of features: neurons times banks of the layer. With
	// SourceEvents it is 2, and 0 stands for that.
	Features  int
	Spread    Spread
	Transform Transform
	Norm      Norm
}

// withDefaults fills in what a Config may leave out.
func (c Config) withDefaults() Config {
	if c.CellWidth == 0 {
		c.CellWidth = DefaultCell
	}
	if c.CellHeight == 0 {
		c.CellHeight = DefaultCell
	}
	if c.Source == "" {
		c.Source = SourceFeatures
	}
	if c.Source == SourceEvents && c.Features == 0 {
		c.Features = 2
	}
	if c.Spread == "" {
		c.Spread = SpreadHard
	}
	if c.Transform == "" {
		c.Transform = TransformSqrt
	}
	if c.Norm == "" {
		c.Norm = NormL2
	}
	return c
}

// Validate tells what is wrong with a configuration, nil if nothing is.
func (c Config) Validate() error {
	c = c.withDefaults()
	if !c.Geometry.Valid() {
		return fmt.Errorf("pool: geometry %dx%d: expected sides between 1 and %d pixels",
			c.Geometry.Width, c.Geometry.Height, events.MaxSide)
	}
	if c.CellWidth < 1 || c.CellHeight < 1 || c.CellWidth > events.MaxSide || c.CellHeight > events.MaxSide {
		return fmt.Errorf("pool: cell of %dx%d: expected sides between 1 and %d pixels",
			c.CellWidth, c.CellHeight, events.MaxSide)
	}
	if _, ok := code(sources, c.Source); !ok {
		return fmt.Errorf("pool: unknown source %q: known are %q", c.Source, sources)
	}
	if _, ok := code(spreads, c.Spread); !ok {
		return fmt.Errorf("pool: unknown spread %q: known are %q", c.Spread, spreads)
	}
	if _, ok := code(transforms, c.Transform); !ok {
		return fmt.Errorf("pool: unknown transform %q: known are %q", c.Transform, transforms)
	}
	if _, ok := code(norms, c.Norm); !ok {
		return fmt.Errorf("pool: unknown norm %q: known are %q", c.Norm, norms)
	}
	if c.Source == SourceEvents && c.Features != 2 {
		return fmt.Errorf("pool: %d features of raw events: expected 2, the polarities", c.Features)
	}
	if c.Features < 1 || c.Features > MaxFeatures {
		return fmt.Errorf("pool: %d features: expected 1 to %d", c.Features, MaxFeatures)
	}
	cols, rows := c.cells()
	if n := int64(cols) * int64(rows) * int64(c.Features); n > MaxLen {
		return fmt.Errorf("pool: %d features in %dx%d cells make a vector of %d: at most %d, take larger cells",
			c.Features, cols, rows, n, MaxLen)
	}
	return nil
}

// cells is the size of the grid, partial cells included.
func (c Config) cells() (cols, rows int) {
	return (c.Geometry.Width + c.CellWidth - 1) / c.CellWidth,
		(c.Geometry.Height + c.CellHeight - 1) / c.CellHeight
}

// The names in the order of their codes in a marshalled pool. Only append.
var (
	sources    = []Source{SourceFeatures, SourceEvents}
	spreads    = []Spread{SpreadHard, SpreadBilinear}
	transforms = []Transform{TransformSqrt, TransformNone}
	norms      = []Norm{NormL2, NormNone}
)

func code[T comparable](names []T, name T) (byte, bool) {
	for i, n := range names {
		if n == name {
			return byte(i), true
		}
	}
	return 0, false
}
