package pipeline_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// The sensor of these tests is small, and its layer learns fast, so that few
// events change much.
var geometry = events.Geometry{Width: 12, Height: 10}

func feastConfig() feast.Config {
	c := feast.Default()
	c.Width, c.Height = geometry.Width, geometry.Height
	c.Neurons, c.Radius = 5, 1
	c.Eta, c.DeltaI, c.DeltaE = 0.05, 0.01, 0.02
	return c
}

func poolConfig() pool.Config {
	return pool.Config{CellWidth: 4, CellHeight: 4, Spread: pool.SpreadBilinear}
}

// newModel is a model with a readout of random weights: it decides on anything.
func newModel(t testing.TB, seed uint64) *model.Model {
	t.Helper()
	c := feastConfig()
	c.Seed = seed
	m := &model.Model{Feast: c, Weights: feast.RandomWeights(c), Pool: poolConfig()}
	m.Pool.Geometry, m.Pool.Features, m.Pool.Source = c.Geometry(), c.Features(), pool.SourceFeatures
	p, err := pool.New(m.Pool)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 7))
	par := readout.Parameters{
		Method: readout.Ridge, Classes: []string{"a", "b", "c"}, Bias: make([]float64, 3), InverseTemperature: 1,
	}
	for range par.Classes {
		row := make([]float32, p.Len())
		for i := range row {
			row[i] = float32(rng.NormFloat64())
		}
		par.Weights = append(par.Weights, row)
	}
	m.Readout, err = readout.NewModel(par)
	require.NoError(t, err)
	return m
}

// descriptors are how the models of these tests may count over time.
var descriptors = map[string][]pool.Part{
	"counts":  nil,
	"bins":    {{Kind: pool.KindBins, Edges: []int64{1500, 4000}}},
	"decayed": {{Kind: pool.KindDecayed, Tau: 2000}},
	"all":     {{Kind: pool.KindCounts}, {Kind: pool.KindBins, Edges: []int64{2000}}, {Kind: pool.KindDecayed, Tau: 900}},
}

// newModelOf is a model on a descriptor, with a readout that was trained by a method
// on random vectors, and a schedule.
func newModelOf(t testing.TB, seed uint64, parts []pool.Part, method readout.Method) *model.Model {
	t.Helper()
	m := newModel(t, seed)
	m.Parts = parts
	rng := rand.New(rand.NewPCG(seed, 8))
	var d readout.Data
	var traces [][][]float64
	var labels []int
	for i := range 30 {
		row := make([]float32, m.Recipe().Len())
		for j := range row {
			row[j] = float32(rng.Float64() * float64(1+(i+j)%3))
		}
		d.Rows, d.Labels = append(d.Rows, row), append(d.Labels, []string{"a", "b", "c"}[i%3])
		trace := make([][]float64, 9)
		for k := range trace {
			trace[k] = []float64{rng.Float64(), rng.Float64(), rng.Float64()}
			trace[k][i%3] += 0.1 * float64(k)
		}
		traces, labels = append(traces, trace), append(labels, i%3)
	}
	var err error
	m.Readout, _, err = readout.Training{Method: method, Hidden: 9, Degree: 2}.Train(t.Context(), d)
	require.NoError(t, err)
	m.Schedule, err = readout.Calibrate(traces, labels, 3)
	require.NoError(t, err)
	require.NoError(t, m.Validate())
	return m
}

func options(t testing.TB, m *model.Model) pipeline.Options {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return pipeline.Options{
		Target: target, Feast: feastConfig(), Pool: poolConfig(), Model: m,
		Learning: true, PacketEvents: 64,
	}
}

func newPipeline(t testing.TB, o pipeline.Options) *pipeline.Pipeline {
	t.Helper()
	p, err := pipeline.New(o)
	require.NoError(t, err)
	return p
}

// moving is n events of a bar that moves over the sensor and back, from a time on,
// with some noise and some steps back in time.
func moving(seed uint64, n int, t int64) []events.Event {
	rng := rand.New(rand.NewPCG(seed, 0xe7))
	in := make([]events.Event, n)
	for i := range in {
		t += int64(rng.IntN(40))
		at := int(t/500) % (2 * geometry.Width)
		if at >= geometry.Width {
			at = 2*geometry.Width - 1 - at
		}
		e := events.Event{T: t, X: uint16(at), Y: uint16(rng.IntN(geometry.Height)), P: events.Polarity(t / 3000 % 2)}
		if rng.IntN(8) == 0 {
			e.X = uint16(rng.IntN(geometry.Width))
		}
		if rng.IntN(16) == 0 {
			e.T -= int64(rng.IntN(30))
		}
		in[i] = e
	}
	return in
}

// message encodes events into one message. It holds them all or the test fails.
func message(t testing.TB, encoding string, in []events.Event) *pipeline.Input {
	t.Helper()
	e, err := events.EncodingByName(encoding)
	require.NoError(t, err)
	encoder := e.NewEncoder()
	m := &pipeline.Input{Encoding: encoding, Header: events.MessageHeader{Geometry: geometry}}
	if len(in) == 0 {
		return m
	}
	first := slices.MinFunc(in, func(a, b events.Event) int { return int(a.T - b.T) }).T
	m.Header.TimeBase = encoder.TimeBase(first)
	var n int
	m.Payload, n, err = encoder.Encode(m.Header, nil, in)
	require.NoError(t, err)
	require.Len(t, in, n)
	return m
}

var encodings = []string{mono.Name, nmnist.Name}

// answer is an event and what came of it.
type answer struct {
	event  events.Event
	winner int16
}

// record keeps all that a pipeline hands out.
type record struct {
	t       testing.TB
	answers []answer
	labels  []pipeline.Label
	rejects []pipeline.Reject
	ends    int // messages whose last packet came
	failing error
}

func (r *record) Features(in []events.Event, winners []int16, last bool) error {
	if r.failing != nil {
		return r.failing
	}
	require.Len(r.t, winners, len(in))
	for i := range in {
		r.answers = append(r.answers, answer{in[i], winners[i]})
	}
	if last {
		r.ends++
	} else {
		require.NotEmpty(r.t, in, "an empty packet that is not a message's last")
	}
	return nil
}

func (r *record) Label(l pipeline.Label) error {
	r.labels = append(r.labels, l)
	return nil
}

func (r *record) Reject(j pipeline.Reject) error {
	r.rejects = append(r.rejects, j)
	return nil
}

func (r *record) handle(p *pipeline.Pipeline, in *pipeline.Input) pipeline.Outcome {
	r.t.Helper()
	outcome, err := p.Handle(in, r)
	require.NoError(r.t, err)
	return outcome
}

// oracle is what must come of recordings, worked out event by event with the
// layer, pool and readout that a pipeline is made of.
type oracle struct {
	t       testing.TB
	layer   *feast.Layer
	model   *model.Model
	counts  pool.Stateful
	every   int64 // microseconds, 0 for no labels by interval
	many    int64 // events, 0 for none
	running bool  // labels by interval go on counting

	record
	recording, truth    string
	first, last, pooled int64
	since, pending      int64  // of running labels
	won                 uint64 // by features
}

func newOracle(t testing.TB, o pipeline.Options) *oracle {
	t.Helper()
	or := &oracle{
		t: t, every: o.LabelEvery.Microseconds(), many: o.LabelEvents, running: o.LabelMode == pipeline.Running, model: o.Model,
	}
	var err error
	or.layer, err = feast.NewWithWeights(o.Model.Feast, o.Target, o.Model.Weights)
	require.NoError(t, err)
	or.layer.SetLearning(o.Learning)
	or.counts, err = o.Model.Recipe().New()
	require.NoError(t, err)
	return or
}

func (o *oracle) begin(name, truth string) {
	o.layer.Reset()
	o.recording, o.truth = name, truth
	o.forget()
}

// forget has counts start anew.
func (o *oracle) forget() {
	o.counts.Reset()
	o.pooled, o.pending, o.won = 0, 0, 0
}

// over tells whether the interval is over before an event.
func (o *oracle) over(e events.Event) bool {
	since, n := o.first, o.pooled
	if o.running {
		since, n = o.since, o.pending
	}
	d := e.T - since
	return n > 0 && (o.every > 0 && (d >= o.every || d <= -o.every) || o.many > 0 && n >= o.many)
}

func (o *oracle) events(in []events.Event) {
	for _, e := range in {
		if o.over(e) {
			if o.running {
				o.runningLabel()
			} else {
				o.label(pipeline.KindInterval)
				o.forget()
			}
		}
		if o.pooled == 0 {
			o.first = e.T
		}
		if o.pending == 0 {
			o.since = e.T
		}
		o.last = e.T
		o.pooled++
		o.pending++
		w := make([]int16, 1)
		require.NoError(o.t, o.layer.Process([]events.Event{e}, w))
		o.counts.Add([]events.Event{e}, w)
		if w[0] >= 0 {
			o.won++
		}
		o.answers = append(o.answers, answer{e, w[0]})
		if o.running && o.many > 0 && o.pending == o.many {
			o.runningLabel() // without waiting for the next
		}
	}
}

// label is the end of a recording, or of an interval.
func (o *oracle) label(kind pipeline.LabelKind) {
	if o.pooled == 0 {
		return
	}
	class, confidence, err := o.model.Readout.Predict(o.counts.Vector(nil))
	require.NoError(o.t, err)
	o.say(kind, class, confidence)
}

// runningLabel is made of all counts anew.
func (o *oracle) runningLabel() {
	r, err := readout.NewRunning(o.model.Readout, o.counts, o.model.Schedule, o.won)
	require.NoError(o.t, err)
	class, confidence, err := r.Decide()
	require.NoError(o.t, err)
	o.say(pipeline.KindRunning, class, confidence)
	o.pending = 0
}

func (o *oracle) say(kind pipeline.LabelKind, class int, confidence float64) {
	o.labels = append(o.labels, pipeline.Label{
		Kind: kind, Recording: o.recording, Truth: o.truth, Label: o.model.Readout.Class(class), Confidence: confidence,
		First: o.first, Last: o.last, Events: o.pooled,
	})
}

// withoutSeq takes the messages' numbers out, which depend on how events are cut
// into messages.
func withoutSeq(in []pipeline.Label) []pipeline.Label {
	out := slices.Clone(in)
	for i := range out {
		out[i].Seq, out[i].HasSeq = 0, false
	}
	return out
}

// requireSums holds for every pipeline at any time.
func requireSums(t testing.TB, p *pipeline.Pipeline) {
	t.Helper()
	c := p.Counters()
	require.Equal(t, c.Events, c.Hits+c.Missed+c.Border+c.Outside+c.Filtered.Sum(), "%+v", c)
}

func TestOptions(t *testing.T) {
	good := options(t, newModel(t, 1))
	for name, change := range map[string]func(*pipeline.Options){
		"no target":           func(o *pipeline.Options) { o.Target = nil },
		"empty packets":       func(o *pipeline.Options) { o.PacketEvents = 0 },
		"negative workers":    func(o *pipeline.Options) { o.Workers = -1 },
		"negative interval":   func(o *pipeline.Options) { o.LabelEvery = -time.Second },
		"fraction of a us":    func(o *pipeline.Options) { o.LabelEvery = 1500 },
		"negative events":     func(o *pipeline.Options) { o.LabelEvents = -1 },
		"unknown mode":        func(o *pipeline.Options) { o.LabelMode = "walking" },
		"running without end": func(o *pipeline.Options) { o.LabelMode = pipeline.Running },
		"monitor":             func(o *pipeline.Options) { o.Model, o.Monitor = nil, new(monitor.Options) },
		"geometry":            func(o *pipeline.Options) { o.Geometry = events.Geometry{Width: 1, Height: events.MaxSide + 1} },
		"model of another":    func(o *pipeline.Options) { o.Geometry = events.Geometry{Width: 34, Height: 34} },
		"model without sense": func(o *pipeline.Options) { o.Model.Feast.Neurons++ },
		"layer":               func(o *pipeline.Options) { o.Model = nil; o.Feast.Neurons = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			m := *good.Model
			o.Model = &m
			change(&o)
			_, err := pipeline.New(o)
			require.Error(t, err)
		})
	}
	require.Equal(t, geometry, newPipeline(t, good).Layer().Config().Geometry(), "a model brings its geometry")
	good.Model = nil
	require.Nil(t, newPipeline(t, good).Layer(), "nobody has said how large the sensor is")
	good.Geometry = geometry
	require.Equal(t, geometry, newPipeline(t, good).Layer().Config().Geometry())
}

func TestModelOfAPipelineWithoutGeometry(t *testing.T) {
	p := newPipeline(t, options(t, nil))
	_, err := p.Model()
	require.ErrorIs(t, err, pipeline.ErrNoGeometry)
	require.Equal(t, "purego", p.Target())
}
