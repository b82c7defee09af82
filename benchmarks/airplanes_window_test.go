package benchmarks

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/sim/airplanes"
)

// An aeroplane may be anywhere on the field, so that where a feature won says little
// until it is said relative to the aeroplane. A window counts features around a centre
// that moves: one that follows the events, or the true one.

// windowSide is the window's side in pixels, about as large as the largest aeroplane
// with the events behind it.
const windowSide = 80

// recordingPool counts one recording: its vector, in the manner of a [pool.Pool].
type recordingPool interface {
	of(f *airplanes.Flight, in []events.Event, winners []int16) []float32
}

// still counts by places on the field.
type still struct{ pool.Descriptor }

func (s still) of(_ *airplanes.Flight, in []events.Event, winners []int16) []float32 {
	s.Reset()
	s.Add(in, winners)
	return s.Vector(nil)
}

// movingWindow counts by places around a centre.
type movingWindow struct {
	inner  *pool.Pool // of windowSide by windowSide pixels
	centre func(f *airplanes.Flight) func(e events.Event) (x, y float64)

	moved []events.Event
	won   []int16
}

func (w *movingWindow) of(f *airplanes.Flight, in []events.Event, winners []int16) []float32 {
	w.inner.Reset()
	w.moved, w.won = w.moved[:0], w.won[:0]
	centre := w.centre(f)
	for i, e := range in {
		cx, cy := centre(e)
		x := int(math.Floor(float64(e.X) - cx + windowSide/2 + 0.5))
		y := int(math.Floor(float64(e.Y) - cy + windowSide/2 + 0.5))
		if x < 0 || y < 0 || x >= windowSide || y >= windowSide {
			continue
		}
		e.X, e.Y = uint16(x), uint16(y)
		w.moved, w.won = append(w.moved, e), append(w.won, winners[i])
	}
	w.inner.Add(w.moved, w.won)
	return w.inner.Vector(nil)
}

// trueCentre is where the aeroplane is, which no product knows: what a window could give
// at best.
func trueCentre(f *airplanes.Flight) func(events.Event) (x, y float64) {
	return func(e events.Event) (x, y float64) { return f.Centre(e.T) }
}

// following finds where most of the latest events are: cells of 16x16 pixels hold sums
// that decay, and the centre is that of the sums around the largest, once a millisecond.
func following(g events.Geometry) func(*airplanes.Flight) func(events.Event) (x, y float64) {
	const (
		cell  = 16
		tau   = 8000 // us
		every = 1000 // us
		reach = 2    // cells around the largest
	)
	cols, rows := (g.Width+cell-1)/cell, (g.Height+cell-1)/cell
	return func(*airplanes.Flight) func(events.Event) (x, y float64) {
		// Of the events of a cell: how many, and the sums of their coordinates.
		n, sx, sy := make([]float64, cols*rows), make([]float64, cols*rows), make([]float64, cols*rows)
		cx, cy := float64(g.Width)/2, float64(g.Height)/2
		last := int64(0)
		return func(e events.Event) (x, y float64) {
			if e.T-last >= every {
				fade := math.Exp(-float64(e.T-last) / tau)
				best := 0
				for i := range n {
					if n[i] > n[best] {
						best = i
					}
				}
				var all, ax, ay float64
				for j := max(best/cols-reach, 0); j <= min(best/cols+reach, rows-1); j++ {
					for i := max(best%cols-reach, 0); i <= min(best%cols+reach, cols-1); i++ {
						all, ax, ay = all+n[j*cols+i], ax+sx[j*cols+i], ay+sy[j*cols+i]
					}
				}
				if all > 0 {
					cx, cy = ax/all, ay/all
				}
				for i := range n {
					n[i], sx[i], sy[i] = n[i]*fade, sx[i]*fade, sy[i]*fade
				}
				last = e.T
			}
			i := int(e.Y)/cell*cols + int(e.X)/cell
			n[i]++
			sx[i] += float64(e.X) + 0.5
			sy[i] += float64(e.Y) + 0.5
			return cx, cy
		}
	}
}

// What places gives, by index.
const (
	wholeField = iota
	fieldCells
	followingWindow
	trueWindow
)

// place is where features are counted.
type place struct {
	name string
	by   recordingPool
}

func places(t *testing.T, g events.Geometry, c pool.Config) []place {
	counted := func(c pool.Config) *pool.Pool {
		p, err := pool.New(c)
		require.NoError(t, err)
		return p
	}
	whole, cells, inner := c, c, c
	whole.Geometry, whole.CellWidth, whole.CellHeight = g, g.Width, g.Height
	cells.Geometry, cells.CellWidth, cells.CellHeight, cells.Spread = g, 40, 40, pool.SpreadBilinear
	inner.Geometry = events.Geometry{Width: windowSide, Height: windowSide}
	inner.CellWidth, inner.CellHeight, inner.Spread = 10, 10, pool.SpreadBilinear
	return []place{
		{"whole field", still{counted(whole)}},
		{"cells of 40x40", still{counted(cells)}},
		{"following window", &movingWindow{inner: counted(inner), centre: following(g)}},
		{"true window", &movingWindow{inner: counted(inner), centre: trueCentre}},
	}
}
