package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
)

// Replaced says where in a sensor's stream another pipeline took over, and from which.
type Replaced struct {
	Before, Now string // names of the pipelines
	// Learned tells whether it goes on with what was learned, bit for bit, as it starts from
	// the same layers, pooling and model. Aside is where the former state is kept where it
	// does not; empty where states are not stored.
	Learned bool
	Aside   string
	Events  uint64  // of the sensor before
	Seq     *uint64 // number of the message before, where it had one
}

// Replace gives a sensor another pipeline, between two of its messages and behind all that
// were received before; none is lost, and none processed twice. The new one is made for the
// sensor's geometry, where that is known. Where it cannot be made, or cannot go on from
// where the sensor stands, nothing changes. A sensor without a pipeline gets one, and begins
// with it; one whose messages come from a stream does when it is taken up again.
func (s *Service) Replace(ctx context.Context, name string, made func(events.Geometry) (Made, error)) (Replaced, error) {
	sn := s.find(name)
	if sn == nil {
		return Replaced{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
	}
	var done Replaced
	err := s.do(ctx, name, &job{change: true, mends: true, done: make(chan error, 1), do: func(old *pipeline.Pipeline) error {
		if old == nil {
			return sn.mend(ctx)
		}
		var err error
		done, err = sn.replace(ctx, old, made)
		return err
	}})
	return done, err
}

// ErrUnfit says that a model or a pipeline does not fit a sensor.
var ErrUnfit = errors.New("it does not fit the sensor")

// replace is done by the sensor's goroutine.
func (sn *sensor) replace(ctx context.Context, old *pipeline.Pipeline, made func(events.Geometry) (Made, error)) (Replaced, error) {
	next, err := made(geometryOf(old))
	if err != nil {
		return Replaced{}, err
	}
	if was, is := geometryOf(old), geometryOf(next.Pipeline); was.Known() && is != was {
		err := fmt.Errorf("%w: it is for %dx%d pixels, and the sensor has %dx%d", ErrUnfit, is.Width, is.Height, was.Width, was.Height)
		return Replaced{}, errors.Join(err, next.Pipeline.Close())
	}
	done := Replaced{Before: sn.chosen, Now: next.Name, Events: old.Counters().Events, Seq: sn.took}
	if done.Learned, err = next.Pipeline.GoOnFrom(old); err == nil && !done.Learned {
		done.Aside, err = sn.keepAside(ctx, old)
	}
	if err != nil {
		return Replaced{}, errors.Join(err, next.Pipeline.Close())
	}
	if err := old.Close(); err != nil {
		sn.service.options.Log.Warn("the device of the former pipeline could not be given back", logSensor, sn.name, logError, err)
	}
	sn.have(next)
	sn.failure = nil // that of the former device
	if done.Learned {
		// The layers go on counting from where the former ones stood.
		sn.look.of, sn.network.of = sn.pipe.Stack(), sn.pipe.Network()
	}
	sn.service.options.Log.Info("the sensor has another pipeline", logSensor, sn.name,
		logFrom, done.Before, logTo, done.Now, logLearned, done.Learned, logAside, done.Aside, logEvents, done.Events)
	return done, nil
}

const logLearned = "learned_kept"

// geometryOf is the sensor's size, zero where it is not known.
func geometryOf(p *pipeline.Pipeline) events.Geometry {
	if layer := p.Layer(); layer != nil {
		return layer.Config().Geometry()
	}
	return events.Geometry{}
}

// keepAside keeps what a pipeline had learned that is replaced by one that cannot go on
// with it.
func (sn *sensor) keepAside(ctx context.Context, old *pipeline.Pipeline) (name string, err error) {
	store, st := sn.service.options.Store, sn.stream
	if old.Layer() == nil || store == nil && st == nil {
		return "", nil
	}
	state, err := old.MarshalBinary()
	if err != nil {
		return "", fmt.Errorf("its state cannot be taken: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if st != nil {
		name, err = st.series.Aside(ctx, state)
	} else {
		name, err = sn.name+asideSuffix, store.Save(ctx, sn.name+asideSuffix, state)
	}
	if err != nil {
		return "", fmt.Errorf("what was learned could not be kept aside, and nothing was changed: %w", err)
	}
	return name, nil
}

// mend gives a sensor that has no pipeline the one that it would get now.
func (sn *sensor) mend(ctx context.Context) error {
	if sn.stream != nil {
		sn.stream.stop(errDropped) // and its owner takes it up again
		return nil
	}
	next, err := sn.service.make(sn.name)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", sn.name, ErrBroken, err)
	}
	sn.have(next)
	sn.broken = nil
	sn.restore(ctx)
	sn.begin()
	sn.service.options.Log.Info("the sensor has a pipeline now", logSensor, sn.name, logTo, next.Name)
	return nil
}

// begin notes what there is at the beginning.
func (sn *sensor) begin() {
	sn.base = sn.pipe.Counters()
	sn.look.begin(sn.pipe.Stack(), &sn.base)
	sn.network.begin(sn.pipe.Network())
}

// placeOf says where in its stream a sensor stands, to whoever asked for something there.
func (sn *sensor) placeOf(p *pipeline.Pipeline) Stand {
	return Stand{Events: p.Counters().Events, Seq: sn.took}
}

// Stand is where in a sensor's stream something was done: behind so many events, and
// behind the message of this number, where messages are numbered.
type Stand struct {
	Events uint64
	Seq    *uint64
}

// ChangeAt is [Service.Change] that tells where the change was made.
func (s *Service) ChangeAt(ctx context.Context, name string, f func(*pipeline.Pipeline) error) (Stand, error) {
	sn := s.find(name)
	if sn == nil {
		return Stand{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
	}
	var at Stand
	err := s.Change(ctx, name, func(p *pipeline.Pipeline) error {
		at = sn.placeOf(p)
		err := f(p)
		if err == nil && sn.outputs.StatusEvery > 0 {
			sn.publishStatus()
		}
		return err
	})
	return at, err
}

// allows tells why a job cannot be done, if it cannot: the sensor has no pipeline.
func (sn *sensor) allows(j *job) error {
	if sn.broken != nil && !j.mends {
		return fmt.Errorf("%s: %w: %w", sn.name, ErrBroken, sn.broken)
	}
	return nil
}
