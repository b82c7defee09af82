package durable

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// Results writes the results of one sensor. It is used by one goroutine at a time.
type Results struct {
	streams  *Streams
	sensor   string
	term     uint64 // which of the sensor's owners writes
	subjects bus.SensorSubjects
	last     uint64 // number in the stream of the sensor's last message
	mark     Mark
	known    bool
	skipped  int64
}

// Results opens the results of a sensor, for the owner of this term; see [Results.Fence].
func (s *Streams) Results(sensor string, term uint64) (*Results, error) {
	subjects, err := s.options.Subjects.Sensor(sensor)
	if err != nil {
		return nil, err
	}
	return &Results{streams: s, sensor: sensor, term: term, subjects: subjects}, nil
}

// Mark is the last result that is stored, as far as is known.
func (r *Results) Mark() Mark { return r.mark }

// Skipped is how many results were not stored as they were there already.
func (r *Results) Skipped() int64 { return r.skipped }

// Look reads which results of messages of a stream of events are stored.
func (r *Results) Look(ctx context.Context, epoch int64) error {
	r.known = false
	last, err := r.newest(ctx)
	if err != nil {
		return err
	}
	// What is stored from here on is behind the last one, which makes storing fail.
	if r.term > 0 {
		if err := r.Owns(ctx); err != nil {
			return err
		}
	}
	mark := Mark{Position: Position{Epoch: epoch}}
	for _, subject := range r.kinds() {
		m, err := bus.Last(ctx, r.streams.nc, r.streams.options.Results.Name, subject)
		switch {
		case err != nil:
			return err
		case m == nil:
			continue
		}
		at, err := parseID(r.sensor, m.Header.Get(jetstream.MsgIDHeader))
		if err != nil {
			return fmt.Errorf("the last result on %s: %w", subject, err)
		}
		// Those of a stream of events that is no more are not what comes now.
		if at.Epoch == epoch && !mark.covers(at.Position, at.Index) {
			mark = at
		}
	}
	r.last, r.mark, r.known = last, mark, true
	return nil
}

// kinds are the subjects of the sensor's results.
func (r *Results) kinds() [len(outputs) - 1]string {
	return [...]string{r.subjects.Features, r.subjects.Labels, r.subjects.Rejects}
}

// newest gives the number of the sensor's last message in the stream of results, 0 where there is none.
func (r *Results) newest(ctx context.Context) (uint64, error) {
	m, err := bus.Last(ctx, r.streams.nc, r.streams.options.Results.Name, r.subjects.All)
	if err != nil || m == nil {
		return 0, err
	}
	return m.Seq, nil
}

// Store stores what came of a message, in order, but for what is stored already. It tries
// until ctx ends; told is called with each reason why it has to try again. That there is a later
// owner is a [*bus.FencedError].
func (r *Results) Store(ctx context.Context, at Position, results []*nats.Msg, told func(error)) error {
	wait := firstWait
	for {
		err := r.store(ctx, at, results)
		if err == nil {
			return nil
		}
		r.known = false // it may have been stored all the same
		if fenced, is := errors.AsType[*bus.FencedError](err); is {
			return fenced
		}
		if !errors.Is(err, errRaced) {
			told(err)
			if made, err := r.streams.restore(ctx, &r.streams.wantResults); err == nil && made {
				told(fmt.Errorf("the stream %s was not there any more, and what was in it is gone: it was made anew", r.streams.wantResults.Name))
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		case <-time.After(wait):
		}
		wait = min(2*wait, lastWait)
	}
}

// What a try that failed waits for.
const (
	firstWait = 20 * time.Millisecond
	lastWait  = 2 * time.Second
	// askTime bounds a request to the server.
	askTime = 5 * time.Second
	// storeTime bounds the storing of a result. One that was under way when the connection was lost
	// is not answered; trying again does no harm, however long the server took.
	storeTime = 2 * time.Second
)

func (r *Results) store(ctx context.Context, at Position, results []*nats.Msg) error {
	if !r.known || r.mark.Epoch != at.Epoch {
		asking, cancel := context.WithTimeout(ctx, askTime)
		err := r.Look(asking, at.Epoch)
		cancel()
		if err != nil {
			return err
		}
	}
	first := 0
	for first < len(results) && r.mark.covers(at, first) {
		first++
	}
	r.skipped += int64(first)
	for ; first < len(results); first++ {
		if err := r.one(ctx, id(r.sensor, at, first), results[first]); err != nil {
			return err
		}
		r.mark = Mark{at, first}
	}
	return nil
}

// errRaced says that somebody else has stored a result since we looked.
var errRaced = errors.New("another daemon has stored results of this sensor")

// errRemembered says that the server has seen a result's identifier: it was stored by another
// daemon meanwhile, or was removed from the stream of results since.
var errRemembered = errors.New("storing results: the server remembers a result of the same number, which is stored by now, or was removed; it forgets that within " + duplicateWindow.String())

// Codes of JetStream's errors that say that it is stored, or something else is, since we looked.
const (
	codeWrongLast         = 10071 // an expected sequence that is another
	codeWrongLastConstant = 10164
	codeInProcess         = 10158 // an identifier that is being stored
)

// ack is the server's answer to what was published.
type ack struct {
	Error     *bus.StreamError `json:"error"`
	Stream    string           `json:"stream"`
	Seq       uint64           `json:"seq"`
	Duplicate bool             `json:"duplicate"`
}

// parseAck reads the server's answer to a result: its number in the stream.
func parseAck(data []byte) (uint64, error) {
	var a ack
	if err := json.Unmarshal(data, &a); err != nil {
		return 0, fmt.Errorf("storing results: the server's answer: %w", err)
	}
	switch {
	case a.Error != nil && (a.Error.Code == codeWrongLast || a.Error.Code == codeWrongLastConstant):
		return 0, errRaced
	case a.Error != nil && a.Error.Code == codeInProcess, a.Duplicate:
		return 0, errRemembered
	case a.Error != nil:
		return 0, fmt.Errorf("storing results: %w", a.Error)
	case a.Seq == 0:
		return 0, errors.New("storing results: the server's answer: expected a number, found none")
	}
	return a.Seq, nil
}

// one stores a result. (Batches, which JetStream stores all or none, would save requests; but a server that keeps
// them in files takes forty times as long for one of two results, and the mark needs no whole ones.)
func (r *Results) one(ctx context.Context, id string, m *nats.Msg) error {
	if kinds := r.kinds(); !slices.Contains(kinds[:], m.Subject) {
		return fmt.Errorf("storing results: expected a subject of features, labels or rejects of sensor %s, found %s", r.sensor, m.Subject)
	}
	m.Header.Set(jetstream.MsgIDHeader, id)
	seq, err := r.publish(ctx, m, r.last)
	if err == nil {
		r.last = seq
	}
	return err
}

// publish stores a message of the sensor's, if the last one is the one with this number, and gives its own.
func (r *Results) publish(ctx context.Context, m *nats.Msg, last uint64) (uint64, error) {
	m.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(last, 10))
	m.Header.Set(jetstream.ExpectedLastSubjSeqSubjHeader, r.subjects.All)
	asking, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	reply, err := r.streams.nc.RequestMsgWithContext(asking, m)
	if err != nil {
		return 0, fmt.Errorf("storing results: %w", err)
	}
	return parseAck(reply.Data)
}
