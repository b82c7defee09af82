package demo

import (
	"math"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events"
)

// Bounds of the maps of the sensor: squares along a side, and counts over all
// classes and features. A sensor beyond them is counted in larger squares.
const (
	maxMapSide   = 64
	maxMapCounts = 1 << 23
)

// activity counts what features do, by place and by class, from feature events as
// they come from the daemon.
type activity struct {
	field    report.Field
	features int
	classes  map[string]*classActivity

	wins   []int64 // of the recording under way
	all    int64
	placed []int32 // cells and features of it, in the order of its events
	of     []uint16
}

// classActivity is what recordings of a class did.
type classActivity struct {
	recordings   int
	sum, squares []float64 // [feature] of its share of each recording's wins
	places       [][]int64 // [feature][cell]
}

// newActivity counts for so many features, in as many classes as are told of.
func newActivity(g events.Geometry, features, classes int) *activity {
	side := maxMapSide
	for side > 1 && report.FieldOf(g, side).Cells()*features*max(classes, 1) > maxMapCounts {
		side /= 2
	}
	return &activity{
		field: report.FieldOf(g, side), features: features,
		classes: map[string]*classActivity{}, wins: make([]int64, features),
	}
}

// add takes feature events of the recording under way. Those of features that the
// layer has not, or beside the sensor, are left out: what a daemon sends is not
// believed to be in range.
func (a *activity) add(list []bus.FeatureEvent) {
	for _, f := range list {
		cell, ok := a.field.Cell(f.X, f.Y)
		if !ok || int(f.Feature) >= a.features {
			continue
		}
		a.wins[f.Feature]++
		a.all++
		a.placed = append(a.placed, int32(cell))
		a.of = append(a.of, f.Feature)
	}
}

// end ends the recording, which is of a class. One without any events of features
// has no shares, and does not count.
func (a *activity) end(class string) {
	if a.all > 0 {
		c := a.classes[class]
		if c == nil {
			c = &classActivity{
				sum: make([]float64, a.features), squares: make([]float64, a.features),
				places: make([][]int64, a.features),
			}
			for f := range c.places {
				c.places[f] = make([]int64, a.field.Cells())
			}
			a.classes[class] = c
		}
		c.recordings++
		for f, n := range a.wins {
			share := float64(n) / float64(a.all)
			c.sum[f] += share
			c.squares[f] += float64(share * share)
		}
		for i, cell := range a.placed {
			c.places[a.of[i]][cell]++
		}
	}
	clear(a.wins)
	a.all, a.placed, a.of = 0, a.placed[:0], a.of[:0]
}

// class gives a class's means, deviations and maps for the report.
func (a *activity) class(label string) report.Class {
	out := report.Class{Label: label, Mean: make([]float64, a.features), SD: make([]float64, a.features)}
	c := a.classes[label]
	if c == nil {
		return out
	}
	out.Recordings, out.Places = c.recordings, c.places
	n := float64(c.recordings)
	for f := range a.features {
		mean := c.sum[f] / n
		out.Mean[f] = min(mean, 1)
		out.SD[f] = math.Sqrt(max(c.squares[f]/n-float64(mean*mean), 0))
	}
	return out
}

// places gives the maps of features from to to-1 over all classes.
func (a *activity) places(from, to int) [][]int64 {
	out := make([][]int64, to-from)
	for i := range out {
		out[i] = make([]int64, a.field.Cells())
		for _, c := range a.classes {
			for cell, n := range c.places[from+i] {
				out[i][cell] += n
			}
		}
	}
	return out
}
