package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/durable"
)

// streamed is what a sensor has whose messages come from a stream. Its goroutine handles
// messages one by one; what comes of them goes, in the same order, through a queue to a
// second one, which stores results, acknowledges messages and stores checkpoints. So a
// checkpoint is stored when all results of the messages in it are.
type streamed struct {
	term    uint64
	reading context.Context //nolint:containedctx // ends when no further message is to be taken
	stop    context.CancelCauseFunc

	// Of the sensor's goroutine.
	series   *checkpoint.Series
	results  *durable.Results // of the goroutine that stores, once there is one
	feed     *durable.Feed
	position durable.Position // behind the last message that was handled
	group    []*nats.Msg      // results of the message that is being handled
	writes   chan write
	unsaved  bool              // messages were handled since the last checkpoint
	bytes    int64             // of them
	held     []*job            // changes that wait until the pipeline is where the results are
	until    uint64            // the message of the last of those
	drain    *durable.Position // behind which message the sensor is put away; nil: it is not to be

	// What others may read.
	opened      atomic.Bool   // position is known
	stands      atomic.Uint64 // position.Seq
	saved       atomic.Pointer[Checkpoint]
	reprocessed atomic.Uint64
	lag         atomic.Uint64
}

// write is what is stored of one message, and behind it.
type write struct {
	message         *durable.Message // nil where there is only a state
	results         []*nats.Msg
	received, taken time.Time
	save            *save
}

// save is a state to be stored.
type save struct {
	place checkpoint.Place
	state []byte
	// done is answered when it is stored; such a state is stored, or nothing behind it
	// is. Of others the next one does as well.
	done chan<- error
}

// writesWaiting is how many messages' results may wait to be stored.
const writesWaiting = 16

// add keeps a result. The publisher reuses its memory.
func (st *streamed) add(m *nats.Msg) {
	h := make(nats.Header, len(m.Header)+6)
	maps.Copy(h, m.Header)
	for k, v := range h {
		h[k] = slices.Clone(v)
	}
	st.group = append(st.group, &nats.Msg{Subject: m.Subject, Header: h, Data: bytes.Clone(m.Data)})
}

// runStream works on the sensor until it is to stop.
func (sn *sensor) runStream(work context.Context) {
	defer close(sn.ended)
	sn.left(sn.workOnStream(work))
}

// workOnStream says why it has ended.
func (sn *sensor) workOnStream(work context.Context) (why error) {
	st := sn.stream
	defer st.stop(nil)
	defer sn.pace.stop()
	sn.outside.pulse.beat()
	idle, err := sn.openStream(work)
	sn.outside.pulse.rest()
	switch {
	case err != nil:
		if !errors.Is(err, errDropped) && !errors.Is(err, errStopping) && !bus.IsFenced(err) {
			sn.failed = err
		}
		return err
	case idle:
		return errAway
	}
	sn.note(true)
	if sn.broken != nil {
		sn.service.options.Log.Error("the sensor's pipeline cannot be made: its messages stay in the stream", logSensor, sn.name, logError, sn.broken)
		return sn.serveBroken()
	}
	defer func() {
		if err := sn.pipe.Close(); err != nil {
			sn.failed = errors.Join(sn.failed, fmt.Errorf("its device could not be given back: %w", err))
		}
	}()
	st.writes = make(chan write, writesWaiting)
	storing, broke := context.WithCancelCause(work)
	defer broke(nil)
	messages := make(chan *durable.Message)
	var running sync.WaitGroup
	running.Go(func() { broke(sn.store(storing)) })
	running.Go(func() { sn.read(messages) })

	why = sn.serveStream(storing, messages)
	st.stop(why)
	if storing.Err() == nil {
		if st.unsaved {
			sn.save(storing, nil)
		}
		if sn.outputs.StatusEvery > 0 {
			sn.publishStatus()
		}
	}
	close(st.writes)
	running.Wait()
	for w := range st.writes { // storing ended before them
		w.give(context.Cause(storing))
	}
	st.feed.Close()
	if err := context.Cause(storing); err != nil && !errors.Is(err, errStored) {
		if !bus.IsFenced(err) {
			sn.failed = errors.Join(sn.failed, err)
		}
		return err
	}
	sn.note(true)
	if errors.Is(why, errAway) {
		why = sn.awake(work)
	}
	return why
}

// awake tells whether a message has come while the sensor was being put away: nobody would look
// for it before the next one.
func (sn *sensor) awake(work context.Context) error {
	ctx, cancel := context.WithTimeout(work, storeTimeout)
	defer cancel()
	newest, err := sn.service.options.Streams.Streams.Newest(ctx, sn.name)
	if err != nil || newest != sn.stream.position && newest.Seq > 0 {
		return errAwake
	}
	return errAway
}

// errStored is how storing ends when there is nothing more to store.
var errStored = errors.New("all is stored")

// serveStream handles messages until the sensor is to stop, and says why.
func (sn *sensor) serveStream(storing context.Context, messages <-chan *durable.Message) error {
	st, o := sn.stream, sn.service.options.Streams
	ticks := func(every time.Duration) (<-chan time.Time, func()) {
		if every <= 0 {
			return nil, func() {}
		}
		t := time.NewTicker(every)
		return t.C, t.Stop
	}
	saving, stopSaving := ticks(o.Every)
	defer stopSaving()
	idle, stopIdle := ticks(o.Idle)
	defer stopIdle()
	quiet := false
	for {
		if st.drained() {
			return errAway
		}
		select {
		case m := <-messages:
			quiet = false
			if !sn.streamOne(storing, m) {
				return sn.failure
			}
			sn.letGo(storing)
			if o.EveryBytes > 0 && st.bytes >= o.EveryBytes {
				sn.save(storing, nil)
			}
		case it := <-sn.queue:
			quiet = false
			sn.takeJob(storing, it.job)
		case <-sn.pace.due():
			sn.publishStatus()
		case <-saving:
			if st.unsaved {
				sn.save(storing, nil)
			}
		case <-idle:
			if quiet {
				return errAway
			}
			quiet = true
		case <-st.reading.Done():
			return context.Cause(st.reading)
		case <-storing.Done():
			return context.Cause(storing)
		}
	}
}

// serveBroken answers for a sensor without a pipeline until it is to stop.
func (sn *sensor) serveBroken() error {
	for {
		select {
		case it := <-sn.queue:
			sn.take(it)
		case <-sn.stream.reading.Done():
			return context.Cause(sn.stream.reading)
		}
	}
}

// read hands on messages until the sensor is to stop.
func (sn *sensor) read(messages chan<- *durable.Message) {
	st := sn.stream
	log := sn.teller("messages cannot be read: trying again")
	for {
		m, err := st.feed.Next(st.reading, log.told)
		if err != nil {
			return
		}
		log.over()
		if !sn.hand(messages, m) {
			return
		}
	}
}

// A sensor that takes no more asks how many messages wait, the first time after lagFirst, and ever
// more seldom: there may be a thousand of them.
const (
	lagFirst = time.Second
	lagLast  = 15 * time.Second
)

// hand hands a message on. While it is not taken, as nothing can be stored, what comes in
// heaps up behind it in the stream, and the sensor's lag is told as it grows.
func (sn *sensor) hand(messages chan<- *durable.Message, m *durable.Message) bool {
	st := sn.stream
	wait := lagFirst
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case messages <- m:
			return true
		case <-st.reading.Done():
			return false
		case <-timer.C:
			if behind, err := st.feed.Behind(st.reading); err == nil { // else what was known stays, and Next says why
				st.lag.Store(behind + 1)
			}
			wait = min(2*wait, lagLast)
			timer.Reset(wait)
		}
	}
}

// streamOne handles a message and queues what came of it. It is false where the pipeline
// takes no more.
func (sn *sensor) streamOne(storing context.Context, m *durable.Message) bool {
	st, o := sn.stream, sn.service.options.Streams
	if sn.stopped() {
		return false // it comes again, to a daemon that can take it
	}
	sn.outside.pulse.beat()
	taken := time.Now()
	o.at(sn.name, StepTaken, m.Seq)
	st.group = nil
	st.lag.Store(m.Pending)
	if m.Missing > 0 {
		sn.service.options.Log.Warn("messages were removed from the stream before they were read, and are lost: so many at least",
			logSensor, sn.name, logMessages, m.Missing, logSeq, m.Seq)
	}
	sn.waiting.Add(int64(len(m.Msg.Data))) // handle takes it off
	if n := len(m.Msg.Data); n > sn.service.options.MaxMessageBytes {
		sn.waiting.Add(-int64(n))
		sn.refuse(m.Msg, bus.ReasonSize, fmt.Errorf("expected a message of at most %d bytes, found %d", sn.service.options.MaxMessageBytes, n))
	} else {
		sn.handle(m.Msg)
	}
	st.position = m.Position
	st.stand()
	st.unsaved = true
	st.bytes += int64(len(m.Msg.Data))
	o.at(sn.name, StepHandled, m.Seq)
	sn.outside.pulse.rest()
	sn.queueWrite(storing, write{message: m, results: st.group, received: m.Received, taken: taken})
	return true
}

func (sn *sensor) queueWrite(storing context.Context, w write) {
	select {
	case sn.stream.writes <- w:
	case <-storing.Done():
		w.give(context.Cause(storing))
	}
}

// give answers whoever waits for a state that is not stored.
func (w *write) give(why error) {
	if w.save != nil && w.save.done != nil {
		w.save.done <- fmt.Errorf("the change could not be stored: %w", why)
	}
}

// takeJob does something between two messages. What changes what comes of the messages
// behind is in a checkpoint before it is answered, and before any of that is stored: who
// goes on from there makes the same of them.
func (sn *sensor) takeJob(storing context.Context, j *job) {
	if sn.holds(storing, j) || !j.claim() {
		return
	}
	err := j.do(sn.pipe)
	sn.watchDevice()
	sn.note(true)
	if err != nil || !j.change {
		j.done <- err
		return
	}
	sn.save(storing, j.done)
}

// save queues the state behind the last message.
func (sn *sensor) save(storing context.Context, done chan<- error) {
	st := sn.stream
	state, err := sn.pipe.MarshalBinary()
	if err != nil {
		err = fmt.Errorf("its state cannot be taken: %w", err)
		if done != nil {
			done <- err
		}
		sn.service.options.Log.Error("no checkpoint", logSensor, sn.name, logError, err)
		return
	}
	st.unsaved, st.bytes = false, 0
	sn.queueWrite(storing, write{save: &save{
		place: checkpoint.Place{Term: st.term, Epoch: st.position.Epoch, Seq: st.position.Seq},
		state: state, done: done,
	}})
}
