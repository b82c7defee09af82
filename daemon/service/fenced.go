package service

import (
	"context"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
)

// A sensor's owner has a term, and each a later one than the owner before. A daemon that was cut off or
// stood still may go on believing that a sensor is its own: the next owner fences it, by a message among
// the results, before it looks where to go on from. From then on none of its results is stored, and no
// change that it makes is answered with success.

// fence keeps earlier owners from storing anything, and lists the checkpoints behind that.
func (sn *sensor) fence(work context.Context, log *teller) (list []checkpoint.Entry, err error) {
	st := sn.stream
	err = sn.again(work, log, func(ctx context.Context) error {
		err := st.results.Fence(ctx)
		if err == nil {
			list, _, err = st.series.Look(ctx)
		}
		if err == nil && len(list) > 0 && list[0].Place.Term > st.term {
			err = &bus.FencedError{Sensor: sn.name, Term: list[0].Place.Term, Own: st.term}
		}
		return err
	})
	return list, err
}

// gone says why nothing can be asked any more of a sensor that has ended.
func (sn *sensor) gone() error {
	if sn.lost != nil {
		return fmt.Errorf("%s: %w", sn.name, sn.lost)
	}
	return fmt.Errorf("%s: %w", sn.name, ErrStopped)
}

// owns asks, after something was stored for whoever waits for it, whether the next owner will see it.
func (sn *sensor) owns(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, firstPatience)
	defer cancel()
	return sn.stream.results.Owns(ctx)
}

// overtaken says that a term is over: s.mu is held.
func (s *Service) overtaken(sensor string, term uint64) error {
	if later := s.fenced[sensor]; later > term {
		return fmt.Errorf("it was lost: %w", &bus.FencedError{Sensor: sensor, Term: later, Own: term})
	}
	delete(s.fenced, sensor)
	return nil
}
