package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what should take milliseconds.
const patience = 30 * time.Second

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

var geometry = events.Geometry{Width: 12, Height: 10}

// newModel is a small model that decides on anything.
func newModel(t testing.TB) *model.Model {
	t.Helper()
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius = geometry.Width, geometry.Height, 5, 1
	c.Eta, c.DeltaI, c.DeltaE = 0.05, 0.01, 0.02
	m := &model.Model{Feast: c, Weights: feast.RandomWeights(c), Pool: pool.Config{
		CellWidth: 4, CellHeight: 4, Geometry: geometry, Features: c.Features(), Source: pool.SourceFeatures,
	}}
	p, err := pool.New(m.Pool)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 7))
	par := readout.Parameters{Method: readout.Ridge, Classes: []string{"a", "b"}, Bias: make([]float64, 2), InverseTemperature: 1}
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

func pipelineOptions(t testing.TB) pipeline.Options {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return pipeline.Options{Target: target, Model: newModel(t), Learning: true, PacketEvents: 128}
}

// daemon is a service with its server and a client.
type daemon struct {
	t        testing.TB
	server   *bus.Server
	nc       *nats.Conn // the client's
	own      *nats.Conn // the service's
	subjects bus.Subjects
	service  *service.Service
	cancel   context.CancelFunc
	ended    chan struct{}
	err      error // of Run, once it has ended
}

// serviceOptions are options of a service that accepts everything.
func serviceOptions(t testing.TB) service.Options {
	t.Helper()
	subjects, err := bus.NewSubjects("test")
	require.NoError(t, err)
	po := pipelineOptions(t)
	return service.Options{
		Subjects:    subjects,
		NewPipeline: func(string) (*pipeline.Pipeline, error) { return pipeline.New(po) },
		Accepts:     func(string) bool { return true },
		MaxSensors:  100, MaxMessageBytes: 1 << 20, PendingMessages: 1000, PendingBytes: 1 << 24,
		Features: true, Labels: true, Log: slog.New(slog.DiscardHandler),
	}
}

// start starts a service on a server of its own, and stops it at the end of the test.
func start(t testing.TB, o service.Options, so bus.ServerOptions) *daemon {
	t.Helper()
	server, err := bus.Start(testContext(t), so)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	connect := func() *nats.Conn {
		nc, err := bus.Connect(testContext(t), bus.ConnectOptions{Server: server})
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		return nc
	}
	d := &daemon{t: t, server: server, own: connect(), nc: connect(), subjects: o.Subjects}
	d.run(o)
	return d
}

// run runs a service on the daemon's connection.
func (d *daemon) run(o service.Options) {
	d.t.Helper()
	d.service = service.New(d.own, o)
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel, d.ended = cancel, make(chan struct{})
	go func(ended chan struct{}) {
		defer close(ended)
		d.err = d.service.Run(ctx)
	}(d.ended)
	d.t.Cleanup(func() { _ = d.stop() })
	select {
	case <-d.service.Ready():
	case <-d.ended:
		require.NoError(d.t, d.err)
	}
}

// stop drains the service and gives Run's error.
func (d *daemon) stop() error {
	d.t.Helper()
	d.cancel()
	select {
	case <-d.ended:
	case <-time.After(patience):
		require.Fail(d.t, "the service does not end")
	}
	return d.err
}

// listen collects what is published on a subject.
func (d *daemon) listen(subject string) chan *nats.Msg {
	d.t.Helper()
	ch := make(chan *nats.Msg, 1<<14)
	_, err := d.nc.ChanSubscribe(subject, ch)
	require.NoError(d.t, err)
	require.NoError(d.t, bus.Flush(testContext(d.t), d.nc))
	return ch
}

// received gives what has come by now. Results come before acknowledgements.
func received(ch chan *nats.Msg) []*nats.Msg {
	var out []*nats.Msg
	for {
		select {
		case m := <-ch:
			out = append(out, m)
		default:
			return out
		}
	}
}

func next(t testing.TB, ch chan *nats.Msg) *nats.Msg {
	t.Helper()
	select {
	case m := <-ch:
		return m
	case <-time.After(patience):
		require.Fail(t, "nothing comes")
		return nil
	}
}

// packet is events of a sensor in a message.
func packet(t testing.TB, sensor string, h bus.EventsHeader, in []events.Event) *nats.Msg {
	t.Helper()
	e, err := events.EncodingByName(mono.Name)
	require.NoError(t, err)
	encoder := e.NewEncoder()
	h.Encoding, h.Geometry = mono.Name, geometry
	m := &nats.Msg{Subject: "test." + sensor + ".events", Header: nats.Header{}}
	if len(in) > 0 {
		h.TimeBase = encoder.TimeBase(in[0].T)
		var n int
		m.Data, n, err = encoder.Encode(h.Message(), nil, in)
		require.NoError(t, err)
		require.Len(t, in, n)
	}
	require.NoError(t, h.Set(m.Header))
	return m
}

func moving(seed uint64, n int) []events.Event {
	rng := rand.New(rand.NewPCG(seed, 0xe7))
	in := make([]events.Event, n)
	at := int64(1000)
	for i := range in {
		at += int64(rng.IntN(40))
		x := (at/500 + int64(rng.IntN(2))) % int64(geometry.Width)
		in[i] = events.Event{T: at, X: uint16(x), Y: uint16(rng.IntN(geometry.Height)), P: events.Polarity(at / 3000 % 2)}
	}
	return in
}

// stream is n numbered messages of a sensor, in recordings of three; every second
// one ends only when the next begins.
func stream(t testing.TB, sensor string, seed uint64, n int) []*nats.Msg {
	t.Helper()
	out := make([]*nats.Msg, n)
	for i := range out {
		out[i] = packet(t, sensor, bus.EventsHeader{
			Session: "s" + sensor, Seq: uint64(i), HasSeq: true,
			Recording: fmt.Sprintf("r%d", i/3), End: i%6 == 2,
		}, moving(seed*1000+uint64(i), 50+i%7*40))
	}
	return out
}

// request sends a message and waits for what becomes of it.
func (d *daemon) request(m *nats.Msg) bus.Outcome {
	d.t.Helper()
	answer, err := d.nc.RequestMsgWithContext(testContext(d.t), m)
	require.NoError(d.t, err)
	o, err := bus.ParseAck(answer)
	require.NoError(d.t, err)
	return o
}

// publish sends messages with their numbers as reply subjects below an inbox.
func (d *daemon) publish(inbox string, in ...*nats.Msg) {
	d.t.Helper()
	for i, m := range in {
		m.Reply = fmt.Sprintf("%s.%d", inbox, i)
		require.NoError(d.t, d.nc.PublishMsg(m))
	}
	require.NoError(d.t, d.nc.Flush())
}

// expected is what must come of messages: the payloads of features and labels in
// their order.
type expected struct {
	sensor   string
	features []string
	labels   []string

	header bus.EventsHeader
	part   int
}

func expect(t testing.TB, p *pipeline.Pipeline, sensor string, in []*nats.Msg) *expected {
	t.Helper()
	e := &expected{sensor: sensor}
	for _, m := range in {
		h, err := bus.ParseEventsHeader(m.Header)
		require.NoError(t, err)
		e.header, e.part = h, 0
		outcome, err := p.Handle(&pipeline.Input{
			Encoding: h.Encoding, Header: h.Message(), Payload: m.Data, Session: h.Session, Seq: h.Seq, HasSeq: h.HasSeq,
			Recording: h.Recording, Truth: h.Truth, End: h.End,
		}, e)
		require.NoError(t, err)
		require.Equal(t, pipeline.Processed, outcome)
	}
	return e
}

func (e *expected) Features(in []events.Event, winners []int16, last bool) error {
	data, counts := bus.AppendFeatures(nil, in, winners, false)
	e.features = append(e.features, shown(bus.FeaturesHeader{
		Session: e.header.Session, Seq: e.header.Seq, HasSeq: e.header.HasSeq, Recording: e.header.Recording,
		Counts: counts, Part: e.part, More: !last,
	}, data))
	e.part++
	return nil
}

func (e *expected) Label(l pipeline.Label) error {
	b, err := bus.Encode(bus.Label{
		Sensor: e.sensor, Seq: &l.Seq, Recording: l.Recording, Label: l.Label, Kind: bus.LabelKind(l.Kind), Confidence: l.Confidence,
		FirstUS: l.First, LastUS: l.Last, Events: l.Events,
	})
	e.labels = append(e.labels, string(b))
	return err
}

func (e *expected) Reject(r pipeline.Reject) error { return r.Err }

func shown(h bus.FeaturesHeader, data []byte) string { return fmt.Sprintf("%+v %x", h, data) }

// requireResults compares what came with what must have come.
func requireResults(t testing.TB, e *expected, features, labels []*nats.Msg) {
	t.Helper()
	var got []string
	for _, m := range features {
		h, err := bus.ParseFeaturesHeader(m.Header)
		require.NoError(t, err)
		got = append(got, shown(h, m.Data))
	}
	require.Equal(t, e.features, got)
	got = nil
	for _, m := range labels {
		got = append(got, string(m.Data))
	}
	require.Equal(t, e.labels, got)
}

// Sensors that send at once each get what their own events give, and nothing else.
func TestSensorsAtOnce(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	const sensors, messages = 6, 40
	var senders sync.WaitGroup
	for i := range sensors {
		name := fmt.Sprintf("s%d", i)
		in := stream(t, name, uint64(i), messages)
		features, labels := d.listen("test."+name+".features"), d.listen("test."+name+".labels")
		senders.Go(func() {
			for _, m := range in {
				answer, err := d.nc.RequestMsgWithContext(testContext(t), m)
				if err != nil || answer.Header.Get(bus.HeaderOutcome) != string(bus.OutcomeProcessed) {
					t.Errorf("%s: %v, %v", name, answer, err)
					return
				}
			}
		})
		t.Cleanup(func() {
			p, err := pipeline.New(pipelineOptions(t))
			require.NoError(t, err)
			e := expect(t, p, name, in)
			require.Len(t, e.labels, messages/3)
			requireResults(t, e, received(features), received(labels))
		})
	}
	senders.Wait()
	require.NoError(t, d.stop())
}

// A message that is sent again is answered, and not processed again.
func TestDuplicatesAndUnansweredMessages(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	features := d.listen("test.a.features")
	in := stream(t, "a", 1, 3)
	require.Equal(t, bus.OutcomeProcessed, d.request(in[0]))
	require.Equal(t, bus.OutcomeDuplicate, d.request(in[0]))
	in[1].Reply = "" // nobody wants to know
	require.NoError(t, d.nc.PublishMsg(in[1]))
	require.Equal(t, bus.OutcomeDuplicate, d.request(in[1]))
	early := packet(t, "a", bus.EventsHeader{Session: "sa", Seq: 9, HasSeq: true, Oldest: 2, HasOldest: true}, nil)
	require.Equal(t, bus.OutcomeBusy, d.request(early))
	require.Equal(t, bus.OutcomeProcessed, d.request(in[2]))
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, &expected{features: expect(t, p, "a", in).features}, received(features), nil)
}

// What cannot be read is answered, and told with the reason on the sensor's own
// subject, and the stream goes on behind it.
func TestRejects(t *testing.T) {
	o := serviceOptions(t)
	o.MaxMessageBytes, o.MaxSensors = 4096, 2
	o.Accepts = func(name string) bool { return !strings.HasPrefix(name, "evil") }
	o.StatusEvery = time.Hour // one, then, at the end
	d := start(t, o, bus.ServerOptions{})
	rejects := d.listen("test.*.rejects")
	statuses := d.listen("test.a.status")
	in := moving(1, 20)
	ok := func(sensor string) {
		t.Helper()
		require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, sensor, bus.EventsHeader{}, in)))
	}
	ok("a")
	ok("b")
	with := func(header, value string) *nats.Msg {
		m := packet(t, "a", bus.EventsHeader{}, in)
		m.Header.Set(header, value)
		return m
	}
	damaged := packet(t, "a", bus.EventsHeader{Session: "x", Seq: 6, HasSeq: true}, in)
	damaged.Data[8*3+4], damaged.Data[8*5+4] = 0xff, 0xff
	seven := uint64(6)
	late := packet(t, "a", bus.EventsHeader{Seq: 3, HasSeq: true}, in)
	large := packet(t, "a", bus.EventsHeader{}, nil)
	large.Data = make([]byte, 4097)
	for _, c := range []struct {
		name string
		m    *nats.Msg
		want bus.Reject
		text string
	}{
		{"subject", packet(t, "no$good", bus.EventsHeader{}, in), bus.Reject{Reason: bus.ReasonSubject}, "no$good"},
		{"reserved", packet(t, "_", bus.EventsHeader{}, in), bus.Reject{Reason: bus.ReasonSubject}, "reserved"},
		{"name", packet(t, "evil7", bus.EventsHeader{}, in), bus.Reject{Sensor: "evil7", Reason: bus.ReasonSensor}, "not one of those"},
		{"too many", packet(t, "c", bus.EventsHeader{}, in), bus.Reject{Sensor: "c", Reason: bus.ReasonSensor}, "2 sensors"},
		{"size", large, bus.Reject{Sensor: "a", Reason: bus.ReasonSize}, "at most 4096 bytes, found 4097"},
		{"header", with(bus.HeaderWidth, "wide"), bus.Reject{Sensor: "a", Reason: bus.ReasonHeader, Header: bus.HeaderWidth, Want: "1 to 4096", Got: `"wide"`}, "wide"},
		{"encoding", with(bus.HeaderEncoding, "morse"), bus.Reject{Sensor: "a", Reason: bus.ReasonEncoding}, "morse"},
		{"geometry", with(bus.HeaderWidth, "34"), bus.Reject{Sensor: "a", Reason: bus.ReasonGeometry}, "34x10"},
		{"payload", damaged, bus.Reject{
			Sensor: "a", Seq: &seven, Reason: bus.ReasonPayload, Offset: 24,
			Want: "an event within 12x10 pixels", Got: fmt.Sprintf("x %d, y %d", in[3].X|0xff, in[3].Y),
		}, "1 more place"},
		{"sequence", late, bus.Reject{Sensor: "a", Reason: bus.ReasonHeader}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "sequence" {
				for i := range uint64(2) { // the second is beyond the one that is late
					require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "a", bus.EventsHeader{Seq: 4 + i, HasSeq: true}, in)))
				}
				three := uint64(3)
				c.want.Seq = &three
			}
			require.Equal(t, bus.OutcomeRejected, d.request(c.m))
			m := next(t, rejects)
			sensor := c.want.Sensor
			if sensor == "" {
				sensor = bus.NoSensor
			}
			require.Equal(t, "test."+sensor+".rejects", m.Subject)
			r, err := bus.Decode[bus.Reject](m.Data)
			require.NoError(t, err)
			require.Contains(t, r.Error, c.text)
			c.want.Error, c.want.Subject, c.want.Bytes = r.Error, c.m.Subject, len(c.m.Data)
			c.want.Head = c.m.Data[:min(len(c.m.Data), bus.MaxHead)]
			require.Equal(t, c.want, r)
			ok("a")
			ok("b")
		})
	}
	require.NoError(t, d.stop())
	status, err := bus.Decode[bus.Status](next(t, statuses).Data)
	require.NoError(t, err)
	require.Equal(t, int64(6), status.Rejects, "those of sensor a, wherever they were found out")
	require.Empty(t, received(rejects))
}

// A sensor for which there is no pipeline says so for every message; the others
// do not notice.
func TestNoPipeline(t *testing.T) {
	o := serviceOptions(t)
	make := o.NewPipeline
	broken := errors.New("no such device")
	o.NewPipeline = func(name string) (*pipeline.Pipeline, error) {
		if name == "a" {
			return nil, broken
		}
		return make(name)
	}
	o.StatusEvery = time.Hour // one at the end
	o.Store = &memory{}
	d := start(t, o, bus.ServerOptions{})
	rejects := d.listen("test.a.rejects")
	for range 2 {
		require.Equal(t, bus.OutcomeRejected, d.request(packet(t, "a", bus.EventsHeader{}, moving(1, 5))))
		r, err := bus.Decode[bus.Reject](next(t, rejects).Data)
		require.NoError(t, err)
		require.Equal(t, bus.ReasonSensor, r.Reason)
		require.Equal(t, broken.Error(), r.Error)
		require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "b", bus.EventsHeader{}, moving(1, 5))))
	}
	require.ErrorIs(t, d.service.Do(testContext(t), "a", func(*pipeline.Pipeline) error { return nil }), broken)
	require.NoError(t, d.stop())
}

// blocked gives options whose pipeline for sensor "a" stops at the end of a
// recording, tells so, and goes on when it is let.
func blocked(t testing.TB, o *service.Options) (reached, let chan struct{}) {
	reached, let = make(chan struct{}, 100), make(chan struct{})
	o.NewPipeline = func(name string) (*pipeline.Pipeline, error) {
		po := pipelineOptions(t)
		if name == "a" {
			po.OnRecording = func(*pipeline.Pipeline, pipeline.RecordingEnd) {
				reached <- struct{}{}
				<-let
			}
		}
		return pipeline.New(po)
	}
	return reached, let
}

func wait(t testing.TB, ch chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		require.Fail(t, "it does not happen")
	}
}

// A queue that is full is answered busy, in messages and in bytes; the other
// sensors, new ones too, are served as ever; what was queued is processed.
func TestFullQueue(t *testing.T) {
	in := moving(1, 10) // 80 bytes
	for name, limit := range map[string]func(*service.Options){
		"messages": func(o *service.Options) { o.PendingMessages = 4 },
		"bytes":    func(o *service.Options) { o.PendingBytes = 4*80 + 79 },
	} {
		t.Run(name, func(t *testing.T) {
			o := serviceOptions(t)
			o.StatusEvery = time.Hour // one at the end
			limit(&o)
			reached, let := blocked(t, &o)
			d := start(t, o, bus.ServerOptions{})
			status := d.listen("test.a.status")
			answers := d.listen("_answers.*")
			d.publish("_answers", packet(t, "a", bus.EventsHeader{End: true}, in))
			wait(t, reached)
			var more []*nats.Msg
			for range 7 {
				more = append(more, packet(t, "a", bus.EventsHeader{}, in))
			}
			d.publish("_answers", more...)
			for _, want := range []string{"4", "5", "6"} {
				m := next(t, answers)
				require.Equal(t, "_answers."+want, m.Subject)
				o, err := bus.ParseAck(m)
				require.NoError(t, err)
				require.Equal(t, bus.OutcomeBusy, o)
			}
			for i := range 3 {
				require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, fmt.Sprintf("b%d", i), bus.EventsHeader{}, in)))
			}
			close(let)
			got := map[string]bus.Outcome{}
			for range 5 {
				m := next(t, answers)
				o, err := bus.ParseAck(m)
				require.NoError(t, err)
				require.Equal(t, bus.OutcomeProcessed, o)
				got[m.Subject] = o
			}
			require.Len(t, got, 4, "0 to 3, and 0 of the first one")
			require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "a", bus.EventsHeader{}, in)), "there is room again")
			require.NoError(t, d.stop())
			s, err := bus.Decode[bus.Status](next(t, status).Data)
			require.NoError(t, err)
			require.EqualValues(t, 3, s.Refused)
			require.EqualValues(t, 6, s.Messages)
			require.EqualValues(t, 6*80, s.Bytes)
			require.Zero(t, s.QueueDepth)
			require.Zero(t, s.QueueBytes)
		})
	}
}

// Do runs behind what was received before, in its order, and only where somebody
// waits for it.
func TestDo(t *testing.T) {
	o := serviceOptions(t)
	o.PendingMessages = 3
	reached, let := blocked(t, &o)
	d := start(t, o, bus.ServerOptions{})
	ctx := testContext(t)
	count := func(n *uint64) func(*pipeline.Pipeline) error {
		return func(p *pipeline.Pipeline) error {
			*n = p.Counters().Messages
			return nil
		}
	}
	var n uint64
	require.ErrorIs(t, d.service.Do(ctx, "a", count(&n)), service.ErrNoSensor)

	in := moving(1, 10)
	answers := d.listen("_answers.*")
	d.publish("_answers", packet(t, "a", bus.EventsHeader{End: true}, in))
	wait(t, reached)
	d.publish("_answers", packet(t, "a", bus.EventsHeader{}, in), packet(t, "a", bus.EventsHeader{}, in))
	// Messages are sorted in their order: now those of "a" are in its queue.
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "b", bus.EventsHeader{}, in)))
	require.NoError(t, d.service.Do(ctx, "b", count(&n)))
	require.EqualValues(t, 1, n)

	// One that is queued, and whose caller leaves before its turn.
	leaving, leave := context.WithCancel(ctx)
	waits := &noticed{Context: leaving, noticed: make(chan struct{}, 10)}
	left := make(chan error, 1)
	go func() {
		left <- d.service.Do(waits, "a", func(*pipeline.Pipeline) error {
			t.Error("nobody waits for this")
			return nil
		})
	}()
	wait(t, waits.noticed) // of the queue, which has room for it
	wait(t, waits.noticed) // of the answer
	leave()
	require.ErrorIs(t, <-left, context.Canceled)

	// The queue is full now: the next waits for room, and holds nobody up.
	waits = &noticed{Context: ctx, noticed: make(chan struct{}, 10)}
	full := make(chan error, 1)
	var behind uint64
	go func() { full <- d.service.Do(waits, "a", count(&behind)) }()
	wait(t, waits.noticed)
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "c", bus.EventsHeader{}, in)))
	require.Equal(t, bus.OutcomeBusy, d.request(packet(t, "a", bus.EventsHeader{}, in)))

	close(let)
	require.NoError(t, <-full)
	require.EqualValues(t, 3, behind)
	for range 3 {
		next(t, answers)
	}
	broken := errors.New("broken")
	require.ErrorIs(t, d.service.Do(ctx, "a", func(*pipeline.Pipeline) error { return broken }), broken)
	require.NoError(t, d.stop())
	require.ErrorIs(t, d.service.Do(ctx, "a", count(&n)), service.ErrNoSensor)
}

// noticed is a context that tells when it is waited for.
type noticed struct {
	context.Context
	noticed chan struct{}
}

func (n *noticed) Done() <-chan struct{} {
	n.noticed <- struct{}{}
	return n.Context.Done()
}

// memory is a store.
type memory struct {
	mu         sync.Mutex
	states     map[string][]byte
	load, save error // what it fails with
}

func (m *memory) Load(_ context.Context, sensor string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.states[sensor], m.load
}

func (m *memory) Save(_ context.Context, sensor string, state []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.save != nil {
		return m.save
	}
	if m.states == nil {
		m.states = map[string][]byte{}
	}
	m.states[sensor] = state
	return nil
}

func (m *memory) all() map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.states)
}
