package report

import (
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
)

// Field says in which squares events are counted on a sensor.
type Field struct {
	Geometry events.Geometry
	Block    int // pixels a side of a square; 0 is 1
}

// FieldOf gives a field whose sides have at most so many squares.
func FieldOf(g events.Geometry, most int) Field {
	return Field{g, max(1, (max(g.Width, g.Height)+most-1)/max(most, 1))}
}

// Columns and Rows are how many squares there are.
func (f Field) Columns() int { return (f.Geometry.Width + max(f.Block, 1) - 1) / max(f.Block, 1) }

// Rows is how many rows of squares there are.
func (f Field) Rows() int { return (f.Geometry.Height + max(f.Block, 1) - 1) / max(f.Block, 1) }

// Cells is how many squares there are in all.
func (f Field) Cells() int { return f.Columns() * f.Rows() }

// Cell is the index of a pixel's square, row by row from the top, and false where
// the pixel is not on the sensor.
func (f Field) Cell(x, y uint16) (int, bool) {
	if !f.Geometry.Contains(x, y) {
		return 0, false
	}
	return int(y)/max(f.Block, 1)*f.Columns() + int(x)/max(f.Block, 1), true
}

// Course is what a layer's thresholds and outputs told while it learned, see
// package monitor.
type Course struct {
	Intervals []monitor.Interval // in order of events, with as many banks as the layer
	Findings  []monitor.Finding  // likewise
}

// Raster is which feature won when, in one recording.
type Raster struct {
	Name      string // file name or another name; may be empty
	Label     string // what it is; may be empty
	Predicted string // what it was taken for; may be empty
	Events    []Win  // in any order
}

// Win is an event that a feature won.
type Win struct {
	T       int64 // microseconds
	Feature int   // counted through all banks of the layer, in their order
	P       events.Polarity
}

// Activation is what recordings of each class made the features do.
type Activation struct {
	What    string // which recordings, for instance "training recordings, features frozen"
	Classes []Class
}

// Class is the recordings of one label. Features are counted through all banks of
// the layer, in their order.
type Class struct {
	Label      string
	Recordings int       // that had an event that a feature won
	Mean       []float64 // [feature] its share of the wins of a recording, the mean over recordings
	SD         []float64 // [feature] the standard deviation of that share over recordings, divisor n
	Places     [][]int64 // [feature][Layer.Field.Cells()] events by where they were; nil to leave them off
}
