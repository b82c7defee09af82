package frames

import "github.com/saccade-dev/saccade/events"

// AllUpTo is All with another bound.
func (f *Framer) AllUpTo(in []events.Event, most int) ([][]int32, error) { return f.all(in, nil, most) }
