package report

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// checkActivity finds what does not fit together in what features did: where, when
// and by class.
func checkActivity(level Level) error {
	l := level.Layer
	if err := checkField(l); err != nil {
		return err
	}
	if err := checkCourse(l); err != nil {
		return err
	}
	n := l.neurons()
	for i, r := range level.Rasters {
		for j, w := range r.Events {
			if w.Feature < 0 || w.Feature >= n {
				return fmt.Errorf("report: raster %d, event %d: expected a feature from 0 to %d, found %d", i, j, n-1, w.Feature)
			}
		}
	}
	return checkActivation(level.Activation, l.Field, n)
}

func checkField(l Layer) error {
	f := l.Field
	if f.Geometry != (events.Geometry{}) && !f.Geometry.Valid() {
		return fmt.Errorf("report: field: expected sides of 1 to %d pixels, found %dx%d", events.MaxSide, f.Geometry.Width, f.Geometry.Height)
	}
	if f.Block < 0 || f.Block > events.MaxSide {
		return fmt.Errorf("report: field: expected squares of 0 to %d pixels, found %d", events.MaxSide, f.Block)
	}
	for _, b := range l.Banks {
		if err := checkPlaces(fmt.Sprintf("bank %q", b.Name), b.Places, f, neurons(b)); err != nil {
			return err
		}
	}
	return nil
}

// checkPlaces finds maps that are not of the field, or not one a feature.
func checkPlaces(of string, places [][]int64, f Field, features int) error {
	if places == nil {
		return nil
	}
	cells := f.Cells()
	if cells > maxCells {
		return fmt.Errorf("report: field: expected at most %d squares, found %dx%d", maxCells, f.Columns(), f.Rows())
	}
	if len(places) != features {
		return fmt.Errorf("report: %s: expected %d maps, one a feature, found %d", of, features, len(places))
	}
	for i, counts := range places {
		if len(counts) != cells {
			return fmt.Errorf("report: %s, map %d: expected %d squares, found %d", of, i, cells, len(counts))
		}
		for at, n := range counts {
			if n < 0 {
				return fmt.Errorf("report: %s, map %d, square %d: expected a count, found %d", of, i, at, n)
			}
		}
	}
	return nil
}

func checkCourse(l Layer) error {
	last := uint64(0)
	for i, in := range l.Course.Intervals {
		if in.From < last || in.To < in.From {
			return fmt.Errorf("report: interval %d: expected it to begin at %d events or later and to end no earlier, found %d to %d", i, last, in.From, in.To)
		}
		if len(in.Banks) != len(l.Banks) {
			return fmt.Errorf("report: interval %d: expected signals of %d banks, found %d", i, len(l.Banks), len(in.Banks))
		}
		last = in.To
	}
	return nil
}

func checkActivation(a Activation, f Field, features int) error {
	if len(a.Classes) > maxClasses {
		return fmt.Errorf("report: activation: expected at most %d classes, found %d", maxClasses, len(a.Classes))
	}
	for i, c := range a.Classes {
		if c.Recordings < 0 {
			return fmt.Errorf("report: activation, class %d: expected a count of recordings, found %d", i, c.Recordings)
		}
		if len(c.Mean) != features || len(c.SD) != features {
			return fmt.Errorf("report: activation, class %d: expected %d means and deviations, found %d and %d", i, features, len(c.Mean), len(c.SD))
		}
		for j := range c.Mean {
			if !(c.Mean[j] >= 0 && c.Mean[j] <= 1) || !(c.SD[j] >= 0) || math.IsInf(c.SD[j], 0) {
				return fmt.Errorf("report: activation, class %d, feature %d: expected a share from 0 to 1 and its deviation, found %v and %v", i, j, c.Mean[j], c.SD[j])
			}
		}
		if err := checkPlaces(fmt.Sprintf("activation, class %d", i), c.Places, f, features); err != nil {
			return err
		}
	}
	return nil
}
