package hil

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu" // what computes what is expected
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// Option changes how a run is made.
type Option func(*options)

type options struct {
	link     hwfpga.Link
	progress func(events int64)
}

// OnLink has a run talk to a device that the caller has connected to, in the stead of the one at the
// configuration's address. The link is not closed.
func OnLink(link hwfpga.Link) Option { return func(o *options) { o.link = link } }

// WithProgress has f called with the number of events that were compared, batch by batch.
func WithProgress(f func(events int64)) Option { return func(o *options) { o.progress = f } }

// Run makes a run: it loads the device, streams, compares each answer with the reference's, and judges by the
// configuration's criteria. What the device does wrong stands in the report; the error is for runs that could not be
// made, or were interrupted.
func Run(ctx context.Context, c Config, with ...Option) (*Report, error) {
	var o options
	for _, w := range with {
		w(&o)
	}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	r, err := prepare(ctx, c, &o)
	if err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	err = r.stream(ctx)
	if err == nil {
		err = r.finish(ctx)
	}
	if err = errors.Join(err, r.close()); err != nil {
		return nil, fmt.Errorf("hil: %w", err)
	}
	r.judge()
	return r.report, nil
}

// layerOf is the layer of a model, and what it begins with.
func (m *Model) layerOf() (feast.Config, feast.Weights, error) {
	if m.File == "" {
		return m.Layer, feast.RandomWeights(m.Layer), nil
	}
	f, err := model.Load(m.File)
	if err != nil {
		return feast.Config{}, feast.Weights{}, err
	}
	return f.Feast, f.Weights, nil
}

// runner is a run under way.
type runner struct {
	config  Config
	options *options
	layer   feast.Config
	stream0 []recording

	session *session
	own     bool // the link is ours to close
	golden  *Golden
	host    *hwfpga.Host
	twin    *feast.Layer // features/feast itself, beside the golden reference
	winners []int16
	learned [2]uint64
	faults  []*faultState

	batch     batch
	recording int
	within    int64
	pending   []events.Event // events of the batch that the twin has yet to see
	compared  int            // events of the batch that it has seen

	latency *latencies
	host0   Histogram // latencies on the host
	started time.Time
	firstOf *batch // the batch of the first mismatch
	firstAt int
	dropped [2]uint64
	report  *Report
}

// prepare connects to the device and loads it.
func prepare(ctx context.Context, c Config, o *options) (r *runner, err error) {
	r = &runner{config: c, options: o}
	layer, weights, err := c.Model.layerOf()
	if err != nil {
		return nil, err
	}
	r.layer = layer
	device, err := deviceConfig(layer, c.Model.Learning, c.Compare.Details)
	if err != nil {
		return nil, err
	}
	device.DropIn, device.DropOut = c.Device.Overflow == Drop, c.Device.Overflow == Drop
	reference, err := referenceTarget(c.Compare.Reference)
	if err != nil {
		return nil, err
	}
	if r.stream0, err = c.Stream.recordings(layer.Geometry()); err != nil {
		return nil, err
	}
	if err := r.makeFaults(&device); err != nil {
		return nil, err
	}
	plain := o.link
	if plain == nil {
		r.own = true
		if plain, err = c.Device.connect(ctx, sizeOf(layer)); err != nil {
			return nil, err
		}
	}
	r.session = &session{link: plain, plain: plain, config: device, careful: c.Device.Overflow == Drop}
	defer func(r *runner) {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}(r)
	r.session.pace = &pace{config: c.Pacing, clock: c.Device.ClockMHz * 1e6}
	caps, err := hwfpga.ReadCapabilities(plain)
	if err != nil {
		return nil, err
	}
	r.report = &Report{Name: c.Name, Config: c, Layer: layer, Device: caps, Reference: reference.Name(), Map: newMap(layer.Width, layer.Height)}
	if err := r.attach(plain); err != nil {
		return nil, err
	}
	if err := r.session.begin(ctx); err != nil {
		return nil, err
	}
	r.golden = NewGolden(device, reference)
	r.host = hwfpga.NewHost(device, layer.Decay == feast.DecayIndex)
	start := Memories{Master: weights.Master, Thresholds: weights.Thresholds}
	r.golden.SetMemories(start)
	if r.twin, err = feast.NewWithWeights(layer, reference, weights); err != nil {
		return nil, err
	}
	r.twin.SetLearning(c.Model.Learning)
	if clocked, ok := plain.(Clocked); ok {
		r.session.pace.clocked = clocked
		if c.Device.Overflow == Wait {
			r.latency = newLatencies(device.Detail)
			clocked.Watch(r.latency.watch)
		}
	}
	return r, writeMemories(plain, start)
}

// referenceTarget is a target that computes on a processor.
func referenceTarget(name string) (hw.Target, error) {
	if name == "" || name == hw.Auto {
		return hw.BestProcessor()
	}
	t, err := hw.Find(name)
	if err != nil {
		return nil, err
	}
	if _, opens := t.(hw.Opener); opens {
		return nil, fmt.Errorf("compare.reference: expected a target that computes on a processor, found %s", name)
	}
	return t, nil
}

func (r *runner) close() error {
	if r.own && r.session != nil {
		return r.session.plain.Close()
	}
	return nil
}
