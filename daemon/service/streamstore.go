package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/durable"
	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// openStream finds out where the sensor stands, and makes its pipeline from the newest
// checkpoint that can be used. It tells whether there is nothing to do, for which nothing
// was made. What cannot be read is tried again until the sensor is to stop: whoever began
// anew would say other things than before.
func (sn *sensor) openStream(work context.Context) (idle bool, err error) {
	st, o := sn.stream, sn.service.options.Streams
	st.series = o.Checkpoints.Series(sn.name, o.Keep)
	log := sn.teller("the sensor's checkpoints cannot be read: trying again")
	var list []checkpoint.Entry
	var damaged error
	var newest durable.Position
	err = sn.again(work, log, func(ctx context.Context) (err error) {
		if list, damaged, err = st.series.Look(ctx); err != nil {
			return err
		}
		newest, err = o.Streams.Newest(ctx, sn.name)
		return err
	})
	switch {
	case err != nil:
		return false, err
	case damaged != nil && len(list) == 0:
		sn.service.options.Log.Error(noneUsed, logSensor, sn.name, logError, damaged)
	case damaged != nil:
		sn.service.options.Log.Warn("a checkpoint cannot be used", logSensor, sn.name, logError, damaged)
	}
	if len(list) > 0 && o.Idle > 0 && list[0].Place.Epoch == newest.Epoch && list[0].Place.Seq >= newest.Seq {
		st.position = durable.Position{Epoch: list[0].Place.Epoch, Seq: list[0].Place.Seq}
		st.stand()
		st.noteSaved(list[0])
		return true, nil
	}
	if st.results, err = o.Streams.Results(sn.name, st.term); err != nil {
		return false, err
	}
	made, err := sn.service.make(sn.name)
	if sn.broken = err; err != nil {
		return false, nil //nolint:nilerr // it is told to whoever asks
	}
	sn.have(made)
	if list, err = sn.fence(work, log); err != nil {
		return false, errors.Join(err, sn.pipe.Close())
	}
	if err := sn.goOnFrom(work, log, list); err != nil {
		return false, errors.Join(err, sn.pipe.Close())
	}
	st.stand()
	sn.begin()
	sn.out = newPublisher(work, sn)
	if st.feed, err = o.Streams.Feed(sn.name, st.position); err != nil {
		return false, errors.Join(err, sn.pipe.Close())
	}
	return false, nil
}

// stand lets others see where the sensor stands.
func (st *streamed) stand() {
	st.stands.Store(st.position.Seq)
	st.opened.Store(true)
}

// noneUsed is logged where a sensor has checkpoints, and none that can be read.
const noneUsed = "no checkpoint can be used: starting anew, from the first message in the stream"

// goOnFrom puts back the first of the checkpoints that can be used.
func (sn *sensor) goOnFrom(work context.Context, told *teller, list []checkpoint.Entry) error {
	st, log := sn.stream, sn.service.options.Log.With(logSensor, sn.name)
	for i, e := range list {
		var state []byte
		var damaged error
		looks := 0
		err := sn.again(work, told, func(ctx context.Context) (err error) {
			state, err = st.series.Load(ctx, e)
			if looks++; err != nil && ctx.Err() == nil && checkpoint.Damaged(err) && looks >= damagedLooks {
				damaged, err = err, nil
			}
			return err
		})
		if err != nil {
			return err
		}
		if damaged == nil {
			damaged = sn.pipe.UnmarshalBinary(state)
		}
		switch {
		case damaged == nil:
			st.position = durable.Position{Epoch: e.Place.Epoch, Seq: e.Place.Seq}
			st.noteSaved(e)
			log.Info("going on from a checkpoint", logBytes, len(state), logSeq, e.Place.Seq, logAge, time.Since(e.Time).Round(time.Millisecond))
			return nil
		case errors.Is(damaged, pipeline.ErrOrigin):
			// What is configured now is another pipeline: it begins anew, where the stream
			// stands, and what was learned is kept.
			aside, err := st.series.Aside(work, state)
			st.position = durable.Position{Epoch: e.Place.Epoch, Seq: e.Place.Seq}
			log.Warn("the checkpoint is another pipeline's: starting anew where it ended", logError, errors.Join(damaged, err), logAside, aside, logSeq, e.Place.Seq)
			return nil
		case i == len(list)-1:
			log.Error(noneUsed, logError, damaged)
		default:
			log.Warn("a checkpoint cannot be used: going on from the one before", logError, damaged, logSeq, e.Place.Seq)
		}
	}
	return nil
}

// again tries until it is done, or the sensor is to stop or another daemon's, or work ends.
func (sn *sensor) again(work context.Context, log *teller, f func(context.Context) error) error {
	wait, patience := firstTry, firstPatience
	for {
		ctx, cancel := context.WithTimeout(work, patience)
		err := f(ctx)
		cancel()
		if err == nil {
			log.over()
			return nil
		}
		if bus.IsFenced(err) {
			return err
		}
		if errors.Is(err, context.DeadlineExceeded) {
			patience = min(2*patience, storeTimeout)
		}
		log.told(err)
		sn.outside.pulse.rest() // it waits for NATS
		select {
		case <-sn.stream.reading.Done():
			return context.Cause(sn.stream.reading)
		case <-work.Done():
			return context.Cause(work)
		case <-time.After(wait):
		}
		wait = min(2*wait, lastTry)
	}
}

const (
	firstTry = 50 * time.Millisecond
	lastTry  = 2 * time.Second
	// firstPatience is what a try is given: a server that has just become the leader may
	// not answer what was asked of the one before.
	firstPatience = 3 * time.Second
	// damagedLooks is how often a checkpoint is read before it is taken for damaged: a server
	// that was cut off may not have all of it yet.
	damagedLooks = 4
	// saveSpeed is how fast a state is stored at the least, in bytes a second.
	saveSpeed = 4 << 20
)

// store stores what is queued until there is no more, and says why it ended.
func (sn *sensor) store(ctx context.Context) error {
	st, o := sn.stream, sn.service.options.Streams
	results := st.results
	log := sn.teller("results cannot be stored: trying again, and nothing more is taken")
	for w := range st.writes {
		if m := w.message; m != nil {
			skipped := results.Skipped()
			if err := results.Store(ctx, m.Position, w.results, log.told); err != nil {
				return fmt.Errorf("results of message %d could not be stored: %w", m.Seq, err)
			}
			log.over()
			if results.Skipped() > skipped {
				st.reprocessed.Add(1)
			}
			sn.service.stored.Add(1)
			o.at(sn.name, StepStored, m.Seq)
			if err := m.Ack(); err != nil {
				sn.service.options.Log.Debug("a message could not be acknowledged", logSensor, sn.name, logError, err)
			}
			sn.answered(w.received, w.taken)
			o.at(sn.name, StepAcked, m.Seq)
		}
		if w.save != nil {
			if err := sn.storeState(ctx, w.save); err != nil {
				return err
			}
		}
	}
	return errStored
}

// storeState stores a checkpoint. One that somebody waits for is tried until ctx ends, as
// what is behind it rests on it.
func (sn *sensor) storeState(ctx context.Context, s *save) error {
	st, o := sn.stream, sn.service.options.Streams
	log := sn.teller("a checkpoint cannot be stored: trying again, and nothing more is taken")
	wait := firstTry
	for {
		o.at(sn.name, StepSaving, s.place.Seq)
		asking, cancel := context.WithTimeout(ctx, firstPatience+time.Duration(len(s.state))*time.Second/saveSpeed)
		e, err := st.series.Save(asking, s.place, s.state)
		cancel()
		if s.done != nil && err == nil {
			err = sn.owns(ctx)
		}
		switch {
		case bus.IsFenced(err):
			err = fmt.Errorf("a checkpoint could not be stored: %w", err)
			if s.done != nil {
				s.done <- err
			}
			return err
		case err == nil:
			sn.service.stored.Add(1)
			o.at(sn.name, StepSaved, s.place.Seq)
			st.noteSaved(e)
			if s.done != nil {
				s.done <- nil
			}
			return nil
		case s.done == nil:
			sn.service.options.Log.Warn("a checkpoint could not be stored: the next one will do", logSensor, sn.name, logError, err)
			return nil
		}
		log.told(err)
		select {
		case <-ctx.Done():
			err = fmt.Errorf("the change could not be stored: %w", errors.Join(err, context.Cause(ctx)))
			s.done <- err
			return err
		case <-time.After(wait):
		}
		wait = min(2*wait, lastTry)
	}
}

func (st *streamed) noteSaved(e checkpoint.Entry) {
	st.saved.Store(&Checkpoint{At: e.Time, Bytes: e.Bytes, Sequence: e.Place.Seq})
}

// teller logs what goes wrong again and again: when it begins, when it is something else,
// and when it is over.
type teller struct {
	log  *slog.Logger
	what string
	last string
}

func (sn *sensor) teller(what string) *teller {
	return &teller{log: sn.service.options.Log.With(logSensor, sn.name), what: what}
}

func (t *teller) told(err error) {
	if text := err.Error(); text != t.last {
		t.last = text
		t.log.Warn(t.what, logError, err)
	}
}

func (t *teller) over() {
	if t.last != "" {
		t.last = ""
		t.log.Info("it works again")
	}
}
