package report

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/stack"
)

// Bounds on what is accepted.
const (
	maxLevels   = stack.MaxLayers
	maxRadius   = 127
	maxPlanes   = 256
	maxPatch    = (2*maxRadius + 1) * (2*maxRadius + 1) // weights of a neuron
	maxClasses  = 1000
	maxSumSide  = 512 // pixels a side of a sum
	maxSurfaces = 16
	maxText     = 200     // characters of a label
	maxNote     = 4000    // characters of a note
	maxCells    = 1 << 16 // squares of a field
)

// Bounds on what is drawn, so that the page stays one that can be sent and opened,
// below 3 MB. What lies beyond is left out, and the page says so.
const (
	maxTiles      = 1024    // features of a bank
	maxTileBytes  = 600_000 // of all banks' tiles and maps
	maxStrips     = 100     // recordings
	maxStripBytes = 450_000 // of all recordings' frames
	maxLines      = 64      // thresholds drawn one by one
	maxDots       = 20_000  // of a raster
	maxAllDots    = 45_000  // of all rasters
	maxRasters    = 24
	maxClassBytes = 250_000 // of all classes' maps
	maxRows       = 40      // classes of an activation map
	maxHinted     = 2000    // cells of an activation map with words of their own
	maxColumns    = 128     // features of an activation map
)

// check finds what does not fit together, before anything is written.
func check(run Run) error {
	if len(run.Behind) >= maxLevels {
		return fmt.Errorf("report: expected at most %d layers, found %d", maxLevels, len(run.Behind)+1)
	}
	for i, l := range run.levels() {
		err := checkLayer(l.Layer)
		if err == nil {
			err = checkActivity(l)
		}
		if err != nil && i > 0 {
			return fmt.Errorf("layer %d: %w", i+1, err)
		}
		if err != nil {
			return err
		}
	}
	c := run.Confusion
	if len(c.Labels) > maxClasses {
		return fmt.Errorf("report: confusion matrix: expected at most %d classes, found %d", maxClasses, len(c.Labels))
	}
	if len(c.Counts) != len(c.Labels) {
		return fmt.Errorf("report: confusion matrix: expected %d rows, one a label, found %d", len(c.Labels), len(c.Counts))
	}
	for i, row := range c.Counts {
		if len(row) != len(c.Labels) {
			return fmt.Errorf("report: confusion matrix, row %d: expected %d columns, found %d", i, len(c.Labels), len(row))
		}
		for j, n := range row {
			if n < 0 {
				return fmt.Errorf("report: confusion matrix, row %d, column %d: expected a count, found %d", i, j, n)
			}
		}
	}
	for i, r := range run.Recordings {
		if r.Frames < 0 || r.Frames > MaxFrames {
			return fmt.Errorf("report: recording %d: expected 0 to %d frames, found %d", i, MaxFrames, r.Frames)
		}
		if g := r.Geometry; g != (events.Geometry{}) && !g.Valid() {
			return fmt.Errorf("report: recording %d: expected sides of 1 to %d pixels, found %dx%d", i, events.MaxSide, g.Width, g.Height)
		}
	}
	return nil
}

func checkLayer(l Layer) error {
	if len(l.Banks) == 0 {
		return nil
	}
	if l.Radius < 0 || l.Radius > maxRadius {
		return fmt.Errorf("report: layer: expected a radius of 0 to %d, found %d", maxRadius, l.Radius)
	}
	if l.Planes < 0 || l.Planes > maxPlanes {
		return fmt.Errorf("report: layer: expected 0 to %d planes, found %d", maxPlanes, l.Planes)
	}
	if l.Scale != PerTile && l.Scale != Shared {
		return fmt.Errorf("report: layer: expected scale PerTile or Shared, found %d", l.Scale)
	}
	side, planes := 2*l.Radius+1, max(l.Planes, 1)
	if planes*side*side > maxPatch {
		return fmt.Errorf("report: layer: expected at most %d weights of a neuron, found %d planes of %dx%d", maxPatch, planes, side, side)
	}
	for _, b := range l.Banks {
		for i, w := range b.Weights {
			if len(w) != planes*side*side {
				return fmt.Errorf("report: bank %q, neuron %d: expected %d weights for radius %d, found %d", b.Name, i, planes*side*side, l.Radius, len(w))
			}
		}
		n := neurons(b)
		if err := checkSums(l, b, n); err != nil {
			return err
		}
		if b.Thresholds != nil && len(b.Thresholds) != n {
			return fmt.Errorf("report: bank %q: expected %d thresholds, found %d", b.Name, n, len(b.Thresholds))
		}
		if b.Wins != nil && len(b.Wins) != n {
			return fmt.Errorf("report: bank %q: expected %d counts of wins, found %d", b.Name, n, len(b.Wins))
		}
		for i, w := range b.Wins {
			if w < 0 {
				return fmt.Errorf("report: bank %q, neuron %d: expected a count of wins, found %d", b.Name, i, w)
			}
		}
		if err := checkHistory(b, n); err != nil {
			return err
		}
	}
	return nil
}

// checkSums finds pictures that are not of the layer's surfaces.
func checkSums(l Layer, b Bank, n int) error {
	if b.Sums == nil {
		return nil
	}
	if l.SumSide < 1 || l.SumSide > maxSumSide || len(l.Surfaces) < 1 || len(l.Surfaces) > maxSurfaces {
		return fmt.Errorf("report: layer: expected sums of 1 to %d pixels a side and of 1 to %d surfaces, found %d and %d", maxSumSide, maxSurfaces, l.SumSide, len(l.Surfaces))
	}
	if len(b.Sums) != n {
		return fmt.Errorf("report: bank %q: expected %d sums, one a neuron, found %d", b.Name, n, len(b.Sums))
	}
	for i, s := range b.Sums {
		if want := len(l.Surfaces) * l.SumSide * l.SumSide; len(s) != want {
			return fmt.Errorf("report: bank %q, sum %d: expected %d pixels, found %d", b.Name, i, want, len(s))
		}
	}
	return nil
}

func checkHistory(b Bank, n int) error {
	var last Sample
	for i, s := range b.History {
		if s.Events < last.Events || s.Missed < last.Missed || s.Missed-last.Missed > s.Events-last.Events {
			return fmt.Errorf("report: bank %q, sample %d: expected running totals after %d events and %d missed, found %d and %d",
				b.Name, i, last.Events, last.Missed, s.Events, s.Missed)
		}
		if s.Thresholds != nil && len(s.Thresholds) != n {
			return fmt.Errorf("report: bank %q, sample %d: expected %d thresholds, found %d", b.Name, i, n, len(s.Thresholds))
		}
		last = s
	}
	return nil
}

// neurons is how many neurons a bank has, by whatever it brings.
func neurons(b Bank) int {
	if len(b.Weights) > 0 {
		return len(b.Weights)
	}
	for _, s := range b.History {
		if s.Thresholds != nil {
			return len(s.Thresholds)
		}
	}
	return max(len(b.Thresholds), len(b.Wins), len(b.Places))
}

// neurons is how many neurons a layer has in all its banks.
func (l Layer) neurons() int {
	n := 0
	for _, b := range l.Banks {
		n += neurons(b)
	}
	return n
}
