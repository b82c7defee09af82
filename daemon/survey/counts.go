package survey

import (
	"math"

	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events"
)

// Bounds of the maps of the sensor: squares along a side, and counts over all
// classes and features. A sensor beyond them is counted in larger squares.
const (
	maxMapSide   = 64
	maxMapCounts = 1 << 23
)

// Counts are what features do, by place and by class.
type Counts struct {
	field    report.Field
	features int
	classes  map[string]*classCounts
}

// classCounts is what recordings of a class did.
type classCounts struct {
	recordings   int
	sum, squares []float64 // [feature] of its share of each recording's wins
	places       [][]int64 // [feature][cell]
}

// NewCounts counts for so many features on a sensor, in as many classes as are told of.
func NewCounts(g events.Geometry, features, classes int) *Counts {
	side := maxMapSide
	for side > 1 && report.FieldOf(g, side).Cells()*features*max(classes, 1) > maxMapCounts {
		side /= 2
	}
	return &Counts{field: report.FieldOf(g, side), features: features, classes: map[string]*classCounts{}}
}

// Field is what places are counted in.
func (c *Counts) Field() report.Field { return c.field }

func (c *Counts) class(label string) *classCounts {
	of := c.classes[label]
	if of == nil {
		of = &classCounts{
			sum: make([]float64, c.features), squares: make([]float64, c.features),
			places: make([][]int64, c.features),
		}
		for f := range of.places {
			of.places[f] = make([]int64, c.field.Cells())
		}
		c.classes[label] = of
	}
	return of
}

// Add takes what a recording's tally has found into its class, and leaves the tally
// empty, for the next one. A recording in which no feature won has no shares, and does
// not count.
func (c *Counts) Add(label string, t *Tally) {
	if t.all > 0 {
		of := c.class(label)
		of.recordings++
		for f, n := range t.wins {
			share := float64(n) / float64(t.all)
			of.sum[f] += share
			of.squares[f] += float64(share * share)
		}
		for i, cell := range t.placed {
			of.places[t.of[i]][cell]++
		}
	}
	t.clear()
}

// Class gives a class's means, deviations and maps for the report.
func (c *Counts) Class(label string) report.Class {
	out := report.Class{Label: label, Mean: make([]float64, c.features), SD: make([]float64, c.features)}
	of := c.classes[label]
	if of == nil {
		return out
	}
	out.Recordings, out.Places = of.recordings, of.places
	n := float64(of.recordings)
	for f := range c.features {
		mean := of.sum[f] / n
		out.Mean[f] = min(mean, 1)
		out.SD[f] = math.Sqrt(max(of.squares[f]/n-float64(mean*mean), 0))
	}
	return out
}

// Places gives the maps of features from to to-1 over all classes.
func (c *Counts) Places(from, to int) [][]int64 {
	out := make([][]int64, to-from)
	for i := range out {
		out[i] = make([]int64, c.field.Cells())
		for _, of := range c.classes {
			for cell, n := range of.places[from+i] {
				out[i][cell] += n
			}
		}
	}
	return out
}
