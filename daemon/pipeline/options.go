package pipeline

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// Options configure a pipeline.
type Options struct {
	Target hw.Target
	// Geometry of the sensor; zero to take that of the first message.
	Geometry events.Geometry
	// Filters drop events before the first layer. They are the sensor's, and so
	// matter with a Model, too.
	Filters Filters
	// Feast is the layer to start with; its geometry is the sensor's. It does not
	// matter where there is a Model.
	Feast feast.Config
	// Upper are the layers behind it, none as a rule; what follows from the layer
	// before is filled in. They do not matter where there is a Model.
	Upper []stack.Config
	// Pool gives cells, transform and norm; the rest follows from the layer.
	Pool pool.Config
	// Model is what was learned before, nil to start from random weights.
	Model *model.Model
	// Learning turns learning on.
	Learning bool
	// LabelEvery gives a label for every such interval of the events' own time,
	// besides those at the end of recordings; 0 for none. Of a network there is a label
	// for every frame where neither this nor LabelEvents is set, and otherwise at the
	// first frame at whose end the interval is over.
	LabelEvery time.Duration
	// LabelEvents gives a label for so many events, or for LabelEvery, whichever is
	// over first; 0 for none.
	LabelEvents int64
	// LabelMode says what the labels of intervals rest on; Interval if empty.
	LabelMode LabelMode
	// PacketEvents is how many events are processed at a time.
	PacketEvents int
	// Workers is how many goroutines a packet may be shared among, see
	// [feast.Layer.SetWorkers]; 0 stands for 1. It changes no result and is no part
	// of a state.
	Workers int
	// OnDeviceFailure says what to do when the target's device fails; feast.FallBack if empty. With feast.Stop,
	// the message at which it failed is finished on a processor all the same, as half of one cannot be taken up
	// again; from the next on, Handle returns what has failed, and the pipeline's state stays as it is.
	OnDeviceFailure feast.OnFailure
	// OnRecording, where not nil, is called at the end of each recording, in the
	// goroutine that processes.
	OnRecording func(*Pipeline, RecordingEnd)
	// Monitor says how learning is looked at; nil for what fits the layer. It changes
	// no result.
	Monitor *monitor.Options
}

// LabelMode says what the labels within a recording or a stream rest on.
type LabelMode string

// The modes.
const (
	// Interval labels rest on the events since the last label: counts start anew.
	Interval LabelMode = "interval"
	// Running labels rest on all events of the recording so far, or of the stream, as
	// the label at the end does.
	Running LabelMode = "running"
)

// points is how many intervals a pipeline's monitor keeps, and as many steps of the
// whole stream: enough for a curve, and some 100 KB of a state.
const points = 64

// monitoring is how a layer is looked at.
func (o *Options) monitoring(layer feast.Config) monitor.Options {
	if o.Monitor != nil {
		return *o.Monitor
	}
	m := monitor.DefaultOptions(layer)
	m.Points = points
	// Of the two pairs that [monitor.DefaultParams] compares, the one that is less often
	// wrong: a daemon looks at far more intervals than somebody who watches.
	m.Detector.Slack, m.Detector.Bound = 1.5, 8
	return m
}

// RecordingEnd is what a pipeline knows at the end of a recording.
type RecordingEnd struct {
	Recording, Truth string
	Events           int64
	Label            *Label // nil where there is no readout
}

func (o *Options) validate() error {
	if o.Monitor != nil { // or every message would be rejected, once there is a layer to look at
		if err := o.Monitor.Validate(); err != nil {
			return fmt.Errorf("pipeline: %w", err)
		}
	}
	if err := o.Filters.validate(); err != nil {
		return err
	}
	switch {
	case o.Target == nil:
		return errors.New("pipeline: no target")
	case o.PacketEvents < 1:
		return errors.New("pipeline: packets need one event or more")
	case o.Workers < 0:
		return errors.New("pipeline: workers: expected 0 or more")
	case o.OnDeviceFailure != "" && o.OnDeviceFailure != feast.FallBack && o.OnDeviceFailure != feast.Stop:
		return fmt.Errorf("pipeline: failure of a device: expected %q or %q, found %q", feast.FallBack, feast.Stop, o.OnDeviceFailure)
	case o.LabelEvery < 0 || o.LabelEvery%time.Microsecond != 0:
		return errors.New("pipeline: labels: expected an interval of whole microseconds")
	case o.LabelEvents < 0:
		return errors.New("pipeline: labels: expected an interval of 0 or more events")
	case o.LabelMode != "" && o.LabelMode != Interval && o.LabelMode != Running:
		return fmt.Errorf("pipeline: labels: expected mode %q or %q, found %q", Interval, Running, o.LabelMode)
	case o.LabelMode == Running && o.LabelEvery == 0 && o.LabelEvents == 0 && (o.Model == nil || o.Model.Network == nil):
		return errors.New("pipeline: labels: expected an interval of time or events for running ones")
	case o.Geometry.Known() && !o.Geometry.Valid():
		return errors.New("pipeline: geometry out of range")
	case o.Model != nil && o.Geometry.Known() && o.Geometry != o.Model.Feast.Geometry():
		return errors.New("pipeline: the model was trained for another geometry")
	case o.Model != nil:
		return o.Model.Validate()
	}
	// Whatever the geometry will be where it is not known, the rest can be checked now.
	return stack.Check(o.layers(o.Geometry))
}

// layers are all layers, the first of the sensor's geometry.
func (o *Options) layers(g events.Geometry) []stack.Config {
	first := o.Feast
	first.Width, first.Height = g.Width, g.Height
	return stack.Of(first, o.Upper...)
}
