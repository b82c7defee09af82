package service

import (
	"context"
	"errors"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// A change takes effect between two messages, and what comes of those behind it is stored as it
// came with the change. While a sensor catches up from its checkpoint, results of the messages
// that it processes again are stored already, as they came without it. So a change waits until
// the pipeline is where the results are.

// holds tells whether a change has to wait, and keeps it then.
func (sn *sensor) holds(storing context.Context, j *job) bool {
	st := sn.stream
	if !j.change || sn.broken != nil {
		return false
	}
	if len(st.held) == 0 { // else they keep their order
		stored, err := sn.storedUpTo(storing)
		if err != nil {
			j.refuse(err)
			if bus.IsFenced(err) {
				st.stop(err)
			}
			return true
		}
		if stored <= sn.processed() {
			return false
		}
		st.until = stored
	}
	st.held = append(st.held, j)
	return true
}

// letGo does the changes that have waited, once the pipeline is there.
func (sn *sensor) letGo(storing context.Context) {
	st := sn.stream
	if len(st.held) == 0 || sn.processed() < st.until {
		return
	}
	held := st.held
	st.held = nil
	for _, j := range held {
		sn.takeJob(storing, j)
	}
}

// processed gives the number of the last message that the pipeline has seen, 0 where that was of
// another stream than there is now.
func (sn *sensor) processed() uint64 {
	if at := sn.stream.position; at.Epoch == sn.service.options.Streams.Streams.Epoch() {
		return at.Seq
	}
	return 0
}

// storedUpTo gives the number of the last message that a result is stored of.
func (sn *sensor) storedUpTo(storing context.Context) (uint64, error) {
	results, err := sn.service.options.Streams.Streams.Results(sn.name, sn.stream.term)
	if err != nil {
		return 0, err
	}
	log := sn.teller("results cannot be looked at: trying again")
	err = sn.again(storing, log, func(ctx context.Context) error { return results.Look(ctx, sn.service.options.Streams.Streams.Epoch()) })
	return results.Mark().Seq, err
}

// refuse answers whoever waits, unless he has gone.
func (j *job) refuse(err error) {
	if j.claim() {
		j.done <- errors.Join(errors.New("the change was not made"), err)
	}
}
