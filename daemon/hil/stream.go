package hil

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// errEnded ends a stream whose report says why.
var errEnded = errors.New("the run has ended")

// stream sends all events, batch by batch.
func (r *runner) stream(ctx context.Context) error {
	r.started = time.Now()
	r.begin()
	last := -1
	err := each(ctx, r.stream0, func(recording int, in []events.Event) (bool, error) {
		if recording != last {
			last = recording
			r.report.Recordings++
			if err := r.next(recording); err != nil {
				return false, err
			}
		}
		for _, e := range in {
			if r.config.Stream.Events > 0 && r.report.Events+int64(len(r.batch.events)) == r.config.Stream.Events {
				return false, nil
			}
			if err := r.add(ctx, e); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err == nil && len(r.batch.events) > 0 {
		err = r.flush(ctx)
	}
	r.report.Seconds = time.Since(r.started).Seconds()
	if errors.Is(err, errEnded) {
		return nil
	}
	return err
}

// begin makes an empty batch.
func (r *runner) begin() {
	r.batch.reset()
	r.batch.seq, r.batch.start = r.golden.seq, r.golden.clone()
	r.pending, r.compared = r.pending[:0], 0
}

// next begins with another recording.
func (r *runner) next(recording int) error {
	r.recording, r.within = recording, 0
	if !r.config.Stream.Reset {
		return nil
	}
	if err := r.agree(); err != nil {
		return err
	}
	r.twin.Reset()
	for _, w := range r.host.Reset(nil) {
		r.word(w)
	}
	return nil
}

// word puts a word into the batch, and asks the reference for its answer.
func (r *runner) word(w uint32) (Answer, bool) {
	r.batch.words = append(r.batch.words, w)
	return r.golden.Word(w)
}

// add puts an event into the batch, and sends the batch where it must end.
func (r *runner) add(ctx context.Context, e events.Event) error {
	number := r.report.Events + int64(len(r.batch.events))
	if r.faultsAt(number) {
		if len(r.batch.events) > 0 {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
		if err := r.strike(ctx, number); err != nil {
			return err
		}
	}
	s := sent{event: e, number: number, recording: r.recording, within: r.within}
	if n := len(r.batch.events); n > 0 {
		s.from = r.batch.events[n-1].to
	}
	for _, w := range r.host.Append(nil, e) {
		if a, ok := r.word(w); ok {
			s.want = a
			s.want.Near = nil
		}
	}
	s.to, s.stamp = len(r.batch.words), r.golden.stamp
	r.batch.events = append(r.batch.events, s)
	r.pending = append(r.pending, e)
	r.within++
	stepped := r.anneals(&s)
	if !stepped && len(r.batch.events) < r.config.Compare.Batch && !r.session.full(len(r.batch.words)) {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	if stepped {
		return r.setRates()
	}
	return nil
}

// anneals counts an event that is learned from, and tells whether a bank's rates change behind it.
func (r *runner) anneals(s *sent) bool {
	every := r.layer.Anneal.Every
	g := r.golden
	if every == 0 || !r.config.Model.Learning || int(s.event.X) >= r.layer.Width || int(s.event.Y) >= r.layer.Height {
		return false
	}
	bank := 0
	switch g.config.Mode {
	case hwfpga.ModeOn:
		if s.event.P == events.Off {
			return false
		}
	case hwfpga.ModeSplit:
		bank = int(s.event.P & 1)
	}
	r.learned[bank]++
	return r.learned[bank]%every == 0
}

// setRates tells device and reference the rates that follow from what was learned.
func (r *runner) setRates() error {
	for bank := range r.golden.banks {
		now := ratesOf(r.layer, r.learned[bank])
		r.golden.SetRates(bank, now)
		r.batch.start.SetRates(bank, now)
		for i, v := range []int32{now.Eta, now.DeltaI, now.DeltaE} {
			at := uint32(hwfpga.RegEta + 4*i + bank*hwfpga.RegBanks)
			if err := r.session.plain.Write(at, uint32(v)); err != nil {
				return r.ended(err)
			}
		}
	}
	return nil
}

// agree has features/feast's own layer see what the reference has seen, and makes sure that both say the same: what
// a device is judged by must not be wrong itself.
func (r *runner) agree() error {
	r.winners = append(r.winners[:0], make([]int16, len(r.pending))...)
	if err := r.twin.Process(r.pending, r.winners); err != nil {
		return err
	}
	for i, w := range r.winners {
		if want := &r.batch.events[r.compared+i]; want.want.Winner != w {
			return fmt.Errorf("event %d: the references do not agree: features/feast says %d, the rule by its kernels %d; this is an error of saccade, not of the device",
				want.number, w, want.want.Winner)
		}
	}
	r.compared += len(r.pending)
	r.pending = r.pending[:0]
	return nil
}

// ended ends the run, for a device that cannot be talked to any more.
func (r *runner) ended(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	r.report.Ended = err.Error()
	return errEnded
}
