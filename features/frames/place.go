package frames

// place is where in a recording a framer stands.
type place struct {
	started bool
	// from is the time at which an interval of time began; from and to are those of the
	// first and last event of an interval of events.
	from, to int64
	// Of the interval under way.
	events, drawn uint64
	// index is the number of frames given, skipped that of intervals left out since the
	// last of them, empty that of frames given since the last event.
	index, skipped, empty uint64
}

// reach ends the intervals of time that are over when an event of a time comes.
func (f *Framer) reach(t int64, give func(*Frame) error) error {
	p, every := &f.place, f.every
	if t >= p.from && p.started && uint64(t)-uint64(p.from) < every {
		return nil // as nearly all are
	}
	if !p.started {
		p.from = t
		return nil
	}
	if t < p.from {
		if uint64(p.from)-uint64(t) < every {
			return nil // it is late, and no more
		}
		var err error
		if p.events > 0 {
			err = f.give(give)
		}
		f.canvas.restart()
		p.from, p.skipped, p.empty = t, 0, 0
		return err
	}
	for over := (uint64(t) - uint64(p.from)) / every; over > 0; over-- {
		if p.events == 0 {
			if p.empty >= uint64(max(0, f.config.MaxEmpty)) {
				p.skipped += over
				p.from = int64(uint64(p.from) + over*every) // at most t
				return nil
			}
			p.empty++
		}
		if err := f.give(give); err != nil {
			return err
		}
	}
	return nil
}
