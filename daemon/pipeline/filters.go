package pipeline

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
)

// Filters say which events are dropped before the first layer sees them, see package
// filter. The refractory period comes first: a hot pixel then supports its neighbours once a period, and not
// at its own rate.
type Filters struct {
	// Refractory drops an event whose pixel had a kept event less than this before; 0 for none.
	Refractory time.Duration
	// Background drops an event that none of the eight pixels around it had an event
	// within this before; 0 for none.
	Background time.Duration
}

func (f Filters) validate() error {
	for _, c := range []struct {
		name string
		v    time.Duration
	}{{"refractory", f.Refractory}, {"background", f.Background}} {
		if c.v == 0 {
			continue
		}
		if err := filter.CheckPeriod(c.name, c.v); err != nil {
			return fmt.Errorf("pipeline: %w", err)
		}
	}
	return nil
}

// Filtered counts events that filters dropped, by which.
type Filtered struct {
	Refractory uint64 `json:"refractory,omitempty"`
	Background uint64 `json:"background,omitempty"`
}

// Sum is how many there were of all.
func (f Filtered) Sum() uint64 { return f.Refractory + f.Background }

// filters are those of a pipeline, for a known geometry; nil where there is none.
type filters struct {
	refractory *filter.Refractory
	background *filter.Background

	kept    []events.Event
	places  []int32 // where in the packet they are
	winners []int16
}

// newFilters makes them for a sensor and packets of a size, nil where none is asked for.
func newFilters(f Filters, g events.Geometry, packet int) (fs *filters, err error) {
	if f == (Filters{}) {
		return nil, nil
	}
	fs = &filters{kept: make([]events.Event, 0, packet), places: make([]int32, 0, packet), winners: make([]int16, packet)}
	if f.Refractory > 0 {
		if fs.refractory, err = filter.NewRefractory(g, f.Refractory); err != nil {
			return nil, err
		}
	}
	if f.Background > 0 {
		if fs.background, err = filter.NewBackground(g, f.Background); err != nil {
			return nil, err
		}
	}
	return fs, nil
}

// run finds the events that are kept, and marks the others in winners.
func (fs *filters) run(in []events.Event, winners []int16, c *Filtered) {
	fs.kept, fs.places = fs.kept[:0], fs.places[:0]
	r, b := fs.refractory, fs.background
	for i := range in {
		switch {
		case r != nil && !r.Keep(in[i]):
			winners[i] = filter.ByRefractory
			c.Refractory++
		case b != nil && !b.Keep(in[i]):
			winners[i] = filter.ByBackground
			c.Background++
		default:
			fs.kept = append(fs.kept, in[i])
			fs.places = append(fs.places, int32(i))
		}
	}
}

// scatter puts what the kept events won to where they are in the packet.
func (fs *filters) scatter(winners []int16) {
	for i, at := range fs.places {
		winners[at] = fs.winners[i]
	}
}

// reset forgets all events.
func (fs *filters) reset() {
	if fs == nil {
		return
	}
	if fs.refractory != nil {
		fs.refractory.Reset()
	}
	if fs.background != nil {
		fs.background.Reset()
	}
}

// MarshalBinary takes the state: the length of the refractory filter's u64, little-endian,
// that state, and the background filter's; nothing of one that there is not.
func (fs *filters) MarshalBinary() ([]byte, error) {
	b := make([]byte, 8)
	if fs.refractory != nil {
		state, err := fs.refractory.MarshalBinary()
		if err != nil {
			return nil, err
		}
		b = append(b, state...)
	}
	binary.LittleEndian.PutUint64(b, uint64(len(b)-8))
	if fs.background != nil {
		state, err := fs.background.MarshalBinary()
		if err != nil {
			return nil, err
		}
		b = append(b, state...)
	}
	return b, nil
}

// UnmarshalBinary puts a state back.
func (fs *filters) UnmarshalBinary(b []byte) error {
	if len(b) < 8 || binary.LittleEndian.Uint64(b) > uint64(len(b)-8) {
		return fmt.Errorf("filters: expected the state of a refractory period, found %d bytes", len(b))
	}
	n := 8 + int(binary.LittleEndian.Uint64(b))
	if fs.refractory != nil {
		if err := fs.refractory.UnmarshalBinary(b[8:n]); err != nil {
			return fmt.Errorf("refractory %w", err)
		}
	} else if n > 8 {
		return fmt.Errorf("filters: expected no refractory period, found %d bytes of one", n-8)
	}
	if fs.background != nil {
		if err := fs.background.UnmarshalBinary(b[n:]); err != nil {
			return fmt.Errorf("background %w", err)
		}
	} else if len(b) > n {
		return fmt.Errorf("filters: expected no background filter, found %d bytes of one", len(b)-n)
	}
	return nil
}

// restoreFilters puts their part of a state back.
func (p *Pipeline) restoreFilters(state []byte) error {
	switch {
	case p.filters != nil:
		return p.filters.UnmarshalBinary(state)
	case len(state) > 0:
		return fmt.Errorf("expected no state of filters, found %d bytes", len(state))
	default:
		return nil
	}
}
