package benchmarks

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/airplanes"
)

// noiseShare is what becomes of an aeroplane's events, those within its box, and of all
// others.
type noiseShare struct {
	events [2]float64 // others, the aeroplane's
	missed [2]float64 // of them, with learning on: no threshold was reached
	noisy  []bool     // features won mostly by others
	caught [2]float64 // events that won such a feature, without thresholds
}

// margin around an aeroplane's box in pixels: the pixels answer a little late, so that
// events trail behind it.
const margin = 6

// owner tells whether events are the aeroplane's, as 0 or 1. One of the background or of
// noise that happens to lie within the box counts for it.
func owner(f *airplanes.Flight) func(e events.Event) int {
	const every = 250 // us, in which an aeroplane moves by less than a pixel
	var box airplanes.Box
	seen, at := false, int64(-1)
	return func(e events.Event) int {
		if t := e.T / every; t != at {
			at = t
			box, seen = f.Box(t * every)
		}
		if seen && box.Contains(e.X, e.Y, margin) {
			return 1
		}
		return 0
	}
}

// shareOf looks at winners without thresholds.
func shareOf(flights []flight, features int) *noiseShare {
	s := &noiseShare{noisy: make([]bool, features)}
	wins := make([][2]float64, features)
	for _, f := range flights {
		own := owner(f.Flight)
		for k, e := range f.Events {
			o := own(e)
			s.events[o]++
			wins[f.winners[k]][o]++
		}
	}
	for i, w := range wins {
		if w[0] > w[1] {
			s.noisy[i] = true
			s.caught[0] += w[0]
			s.caught[1] += w[1]
		}
	}
	return s
}

// without leaves out the events that won a feature that the others win mostly. Which
// these are is told by the true boxes; everything else knows nothing of them.
func (s *noiseShare) without(flights []flight) []flight {
	out := make([]flight, len(flights))
	for i, f := range flights {
		out[i].Flight = f.Flight
		for k, e := range f.Events {
			if !s.noisy[f.winners[k]] {
				out[i].Events = append(out[i].Events, e)
				out[i].winners = append(out[i].winners, f.winners[k])
			}
		}
	}
	return out
}

// thresholds looks at winners with thresholds.
func (s *noiseShare) thresholds(flights []flight) {
	for _, f := range flights {
		own := owner(f.Flight)
		for k, e := range f.Events {
			if f.winners[k] < 0 {
				s.missed[own(e)]++
			}
		}
	}
}

func (s *noiseShare) String() string {
	percent := func(part, of float64) float64 { return 100 * part / max(of, 1) }
	noisy := 0
	for _, n := range s.noisy {
		if n {
			noisy++
		}
	}
	return fmt.Sprintf("%.1f M events, %.0f %% of them around the aeroplane; missed %.2f %% of these and %.2f %% of the others; %d of %d features are won mostly by the others, taking %.1f %% of them and %.1f %% of these",
		(s.events[0]+s.events[1])/1e6, percent(s.events[1], s.events[0]+s.events[1]),
		percent(s.missed[1], s.events[1]), percent(s.missed[0], s.events[0]),
		noisy, len(s.noisy), percent(s.caught[0], s.events[0]), percent(s.caught[1], s.events[1]))
}
