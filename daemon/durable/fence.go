package durable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// fence is what is stored where a sensor changes hands.
type fence struct {
	Term uint64 `json:"term"`
}

// Fence keeps earlier owners of the sensor from storing anything more, as all that they store is to be
// behind the last message that they know of: which this one is not. A later owner's is a [*bus.FencedError].
func (r *Results) Fence(ctx context.Context) error {
	for {
		last, err := r.newest(ctx)
		if err != nil {
			return err
		}
		// What anybody stores from here on makes ours fail.
		term, err := r.owner(ctx)
		// Nobody was ahead of the first one.
		if err != nil || term == r.term || r.term <= 1 {
			return err
		}
		text, err := json.Marshal(fence{r.term})
		if err != nil {
			return err
		}
		_, err = r.publish(ctx, &nats.Msg{Subject: r.subjects.Owner, Data: text, Header: nats.Header{}}, last)
		if !errors.Is(err, errRaced) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// Owns tells whether no later owner has fenced this one, whose error is a [*bus.FencedError]. What was stored
// anywhere before the question is seen by later owners, who look for it behind their fence.
func (r *Results) Owns(ctx context.Context) error {
	_, err := r.owner(ctx)
	return err
}

// owner gives the term of the last owner that has stored something, or is about to.
func (r *Results) owner(ctx context.Context) (uint64, error) {
	m, err := bus.Last(ctx, r.streams.nc, r.streams.options.Results.Name, r.subjects.Owner)
	if err != nil || m == nil {
		return 0, err
	}
	term, err := parseFence(m.Data)
	if err != nil {
		return 0, fmt.Errorf("stream %s: message %d: %w", r.streams.options.Results.Name, m.Seq, err)
	}
	if term > r.term {
		return 0, &bus.FencedError{Sensor: r.sensor, Term: term, Own: r.term}
	}
	return term, nil
}

// largestTerm bounds terms: they count up from 1, and what is beyond was never written.
const largestTerm = 1 << 62

func parseFence(data []byte) (uint64, error) {
	var f fence
	if err := json.Unmarshal(data, &f); err != nil {
		return 0, fmt.Errorf("owner: %w", err)
	}
	if f.Term == 0 || f.Term > largestTerm {
		return 0, fmt.Errorf("owner: term: expected 1 to %d, found %d", uint64(largestTerm), f.Term)
	}
	return f.Term, nil
}
