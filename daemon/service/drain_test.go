package service_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
)

// However a stream is interrupted by daemons that end while messages pour in:
// what was acknowledged was published, once, and the next daemon goes on from
// there with the same bits.
func TestDrain(t *testing.T) {
	const messages = 90
	store := &memory{}
	o := serviceOptions(t)
	o.Store = store
	in := stream(t, "a", 1, messages)
	d := start(t, o, bus.ServerOptions{})
	features, labels, answers := d.listen("test.a.features"), d.listen("test.a.labels"), d.listen("_answers.*")
	var results, decisions []*nats.Msg
	done := 0 // acknowledged so far
	for round := range 5 {
		// A window of messages is under way when the end comes.
		acked := done
		answer := func(m *nats.Msg) bool {
			outcome, err := bus.ParseAck(m)
			if errors.Is(err, nats.ErrNoResponders) {
				return false
			}
			require.NoError(t, err)
			require.Equal(t, bus.OutcomeProcessed, outcome)
			require.Equal(t, "_answers."+strconv.Itoa(acked), m.Subject)
			acked++
			return true
		}
		const window = 5
		for sent := done; sent < messages; sent++ {
			in[sent].Reply = "_answers." + strconv.Itoa(sent)
			require.NoError(t, d.nc.PublishMsg(in[sent]))
			if sent-acked >= window && !answer(next(t, answers)) {
				break
			}
			if acked == done+3+2*round {
				d.cancel()
			}
		}
		require.NoError(t, d.stop())
		// Run has returned: everything is on its way to the client.
		require.NoError(t, d.nc.Flush())
		for _, m := range received(answers) {
			answer(m)
		}
		require.Greater(t, acked, done)
		require.Less(t, acked, messages)
		done = acked
		results, decisions = append(results, received(features)...), append(decisions, received(labels)...)

		stored, err := pipeline.New(pipelineOptions(t))
		require.NoError(t, err)
		require.NoError(t, stored.UnmarshalBinary(store.all()["a"]))
		whole, err := pipeline.New(pipelineOptions(t))
		require.NoError(t, err)
		requireResults(t, expect(t, whole, "a", in[:done]), results, decisions)
		require.Equal(t, whole.Layer().Weights(), stored.Layer().Weights())
		require.Equal(t, whole.Counters(), stored.Counters())
		d.run(o)
	}
	// All of them once more, for those of which the sender knows nothing.
	for i, m := range in {
		want := bus.OutcomeDuplicate
		if i >= done {
			want = bus.OutcomeProcessed
		}
		require.Equal(t, want, d.request(m))
	}
	results, decisions = append(results, received(features)...), append(decisions, received(labels)...)
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, expect(t, p, "a", in), results, decisions)
}

// What waits in a queue when the end comes is processed, however long that takes,
// and so is what is to be done between messages.
func TestDrainWaitsForTheQueue(t *testing.T) {
	o := serviceOptions(t)
	o.Store = &memory{}
	reached, let := blocked(t, &o)
	d := start(t, o, bus.ServerOptions{})
	answers := d.listen("_answers.*")
	in := moving(1, 10)
	var all []*nats.Msg
	for range 20 {
		all = append(all, packet(t, "a", bus.EventsHeader{End: true}, in))
	}
	d.publish("_answers", all...)
	wait(t, reached)
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "b", bus.EventsHeader{}, in)))
	did := make(chan error, 1)
	waits := &noticed{Context: testContext(t), noticed: make(chan struct{}, 10)}
	go func() { did <- d.service.Do(waits, "a", func(*pipeline.Pipeline) error { return nil }) }()
	wait(t, waits.noticed)
	wait(t, waits.noticed)
	d.cancel()
	// Nobody listens any more as soon as the drain has begun.
	for {
		_, err := d.nc.RequestMsgWithContext(testContext(t), packet(t, "b", bus.EventsHeader{}, in))
		if errors.Is(err, nats.ErrNoResponders) {
			break
		}
		require.NoError(t, err)
	}
	select {
	case <-d.ended:
		require.Fail(t, "it ended before its queue was empty")
	default:
	}
	close(let)
	require.NoError(t, d.stop())
	require.NoError(t, <-did)
	require.NoError(t, d.nc.Flush())
	require.Len(t, received(answers), len(all))
}

// The end may come while senders know nothing of it. Nothing panics, nothing
// hangs, and what is acknowledged was published.
func TestStopWhileMessagesPourIn(t *testing.T) {
	o := serviceOptions(t)
	o.Store = &memory{}
	o.PendingMessages = 8
	o.StatusEvery = time.Millisecond
	d := start(t, o, bus.ServerOptions{})
	in := moving(1, 20)
	for range 5 {
		features := d.listen("test.*.features")
		var processed atomic.Int64
		inbox := d.nc.NewInbox()
		answers, err := d.nc.Subscribe(inbox, func(m *nats.Msg) {
			if o, err := bus.ParseAck(m); err == nil && o == bus.OutcomeProcessed {
				processed.Add(1)
			}
		})
		require.NoError(t, err)
		pouring, stop := context.WithCancel(testContext(t))
		var pourers sync.WaitGroup
		for i := range 3 {
			m := packet(t, "s"+strconv.Itoa(i), bus.EventsHeader{}, in)
			m.Reply = inbox
			pourers.Go(func() {
				for pouring.Err() == nil {
					if err := d.nc.PublishMsg(m); err != nil {
						t.Error(err)
						return
					}
					if err := d.nc.Flush(); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for processed.Load() < 50 {
			require.NoError(t, d.nc.Flush())
		}
		require.NoError(t, d.stop())
		stop()
		pourers.Wait()
		handled := make(chan struct{})
		answers.SetClosedHandler(func(string) { close(handled) })
		require.NoError(t, answers.Drain())
		wait(t, handled)
		require.Equal(t, processed.Load(), int64(len(received(features))))
		d.run(o)
	}
}

// A context that has ended is an end as any other.
func TestEndsBeforeItBegins(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	require.NoError(t, d.stop())
	s := serviceOptions(t)
	d.service = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, service.New(d.own, s).Run(ctx))
}

// A connection that is closed under it ends the service with an error.
func TestConnectionIsClosed(t *testing.T) {
	o := serviceOptions(t)
	d := start(t, o, bus.ServerOptions{})
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "a", bus.EventsHeader{}, moving(1, 10))))
	d.own.Close()
	wait(t, d.ended)
	require.ErrorContains(t, d.err, "closed")
}

// A state that cannot be stored is the daemon's error, and names the sensor.
func TestStateCannotBeStored(t *testing.T) {
	o := serviceOptions(t)
	full := errors.New("the disk is full")
	o.Store = &memory{save: full}
	d := start(t, o, bus.ServerOptions{})
	for _, sensor := range []string{"b", "a"} {
		require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, sensor, bus.EventsHeader{}, moving(1, 10))))
	}
	err := d.stop()
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, "sensor a: ")
	require.ErrorContains(t, err, "sensor b: ")
}

// A state that cannot be used is not, and that is said.
func TestStateCannotBeUsed(t *testing.T) {
	for name, store := range map[string]*memory{
		"unreadable": {load: errors.New("the disk is broken")},
		"damaged":    {states: map[string][]byte{"a": []byte("SACSTATE but not quite")}},
	} {
		t.Run(name, func(t *testing.T) {
			var log lockedBuffer
			o := serviceOptions(t)
			o.Store = store
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			d := start(t, o, bus.ServerOptions{})
			require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "a", bus.EventsHeader{}, moving(1, 10))))
			require.Contains(t, log.String(), "starting anew")
			require.NoError(t, d.stop())
			p, err := pipeline.New(pipelineOptions(t))
			require.NoError(t, err)
			require.NoError(t, p.UnmarshalBinary(store.all()["a"]))
			require.EqualValues(t, 1, p.Counters().Messages)
			if name == "damaged" { // it is kept beside the new one
				require.Equal(t, "SACSTATE but not quite", string(store.all()["a.unused"]))
			}
		})
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// The last status accounts for all events and says where the stream stands.
func TestStatus(t *testing.T) {
	o := serviceOptions(t)
	o.StatusEvery = time.Hour // one at the end
	d := start(t, o, bus.ServerOptions{})
	status := d.listen("test.*.status")
	in := stream(t, "a", 1, 8)
	total, bytes := int64(0), int64(0)
	for _, m := range in {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
		total += int64(len(m.Data) / 8)
		bytes += int64(len(m.Data))
	}
	require.Equal(t, bus.OutcomeDuplicate, d.request(in[0]))
	require.NoError(t, d.stop())
	s, err := bus.Decode[bus.Status](next(t, status).Data)
	require.NoError(t, err)
	require.Equal(t, "a", s.Sensor)
	require.Equal(t, "purego", s.Device)
	require.Equal(t, "mono", s.Encoding)
	require.Equal(t, events.Geometry{Width: s.Width, Height: s.Height}, geometry)
	require.Equal(t, "r2", s.Recording)
	require.EqualValues(t, 2, s.Recordings)
	require.EqualValues(t, 2, s.Labels)
	require.EqualValues(t, 9, s.Messages)
	require.EqualValues(t, 1, s.Duplicates)
	require.Equal(t, bytes+int64(len(in[0].Data)), s.Bytes)
	require.Equal(t, total, s.Events)
	require.Equal(t, total, s.Features+s.Missed+s.Border+s.Outside)
	last := moving(1007, 50)
	require.Equal(t, last[len(last)-1].T, s.LastUS)
	require.True(t, s.Learning)
	require.InDelta(t, float64(s.Missed)/float64(s.Missed+s.Features), s.MissedRate, 1e-12)
	require.LessOrEqual(t, s.ThresholdMin, s.ThresholdMean)
	require.LessOrEqual(t, s.ThresholdMean, s.ThresholdMax)
}

// A server that takes small messages only gets long answers in parts.
func TestSmallServer(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{MaxPayload: 2048})
	features := d.listen("test.a.features")
	in := moving(1, 200)
	m := packet(t, "a", bus.EventsHeader{Session: "s", Seq: 0, HasSeq: true}, in)
	require.Equal(t, bus.OutcomeProcessed, d.request(m))
	o := pipelineOptions(t)
	o.PacketEvents = 1 << 10
	p, err := pipeline.New(o)
	require.NoError(t, err)
	want := &whole{}
	_, err = p.Handle(&pipeline.Input{Encoding: "mono", Header: events.MessageHeader{Geometry: geometry, TimeBase: in[0].T * 1000}, Payload: m.Data}, want)
	require.NoError(t, err)
	var data []byte
	var counts bus.Counts
	got := received(features)
	require.Greater(t, len(got), 2)
	for i, m := range got {
		h, err := bus.ParseFeaturesHeader(m.Header)
		require.NoError(t, err)
		require.Equal(t, i, h.Part)
		require.Equal(t, i < len(got)-1, h.More)
		data = append(data, m.Data...)
		counts.Events += h.Counts.Events
		counts.Missed += h.Counts.Missed
		counts.Border += h.Counts.Border
	}
	require.Equal(t, want.data, data)
	require.Equal(t, want.counts, counts)
}

// whole keeps the features of a message that is one packet.
type whole struct {
	data   []byte
	counts bus.Counts
}

func (w *whole) Features(in []events.Event, winners []int16, _ bool) error {
	w.data, w.counts = bus.AppendFeatures(nil, in, winners, false)
	return nil
}
func (*whole) Label(pipeline.Label) error     { return nil }
func (*whole) Reject(r pipeline.Reject) error { return r.Err }

// While the connection to the server is lost, results wait: none is lost to a
// subscriber that is back before the daemon is.
func TestConnectionIsLost(t *testing.T) {
	port := freePort(t)
	serve := func() *bus.Server {
		server, err := bus.Start(testContext(t), bus.ServerOptions{Port: port})
		require.NoError(t, err)
		return server
	}
	server := serve()
	shutdown := func() { require.NoError(t, server.Shutdown(testContext(t))) }
	defer func() { shutdown() }()
	url := server.ClientURL()
	dial := func(options ...nats.Option) *nats.Conn {
		nc, err := nats.Connect(url, append(options, nats.MaxReconnects(-1), nats.ReconnectWait(5*time.Millisecond), nats.ReconnectJitter(0, 0))...)
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		return nc
	}
	back, lost := make(chan struct{}, 10), make(chan struct{}, 10)
	client := dial(nats.ReconnectHandler(func(nc *nats.Conn) {
		if nc.Flush() == nil {
			back <- struct{}{}
		}
	}))
	gate := &gate{}
	gate.open.Store(true)
	own := dial(nats.SetCustomDialer(gate), nats.ReconnectBufSize(4096),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { lost <- struct{}{} }))

	o := serviceOptions(t)
	reached, let := blocked(t, &o)
	d := &daemon{t: t, nc: client, own: own}
	d.run(o)
	features, labels := d.listen("test.a.features"), d.listen("test.a.labels")
	in := stream(t, "a", 1, 30)
	require.Equal(t, bus.OutcomeProcessed, d.request(in[0]))
	require.Equal(t, bus.OutcomeProcessed, d.request(in[1]))
	require.NoError(t, client.PublishMsg(in[2])) // a recording's end, at which it stops
	wait(t, reached)
	for _, m := range in[3:] {
		require.NoError(t, client.PublishMsg(m))
	}
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "b", bus.EventsHeader{End: true}, nil)))

	gate.open.Store(false)
	shutdown()
	wait(t, lost)
	close(let) // results come now, and there is nowhere to go
	require.Eventually(t, func() bool { return full(own) }, patience, time.Millisecond)
	server = serve()
	wait(t, back)
	gate.open.Store(true)
	for { // until it is back
		m, err := client.RequestMsgWithContext(testContext(t), in[29])
		if !errors.Is(err, nats.ErrNoResponders) {
			require.NoError(t, err)
			require.Equal(t, string(bus.OutcomeDuplicate), m.Header.Get(bus.HeaderOutcome))
			break
		}
	}
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, expect(t, p, "a", in), received(features), received(labels))
	require.NoError(t, d.stop())
}

// full tells whether a connection that is lost takes no more messages.
func full(nc *nats.Conn) bool {
	n, err := nc.Buffered()
	return err == nil && n >= 4096
}

// gate is a dialler that can be shut.
type gate struct{ open atomic.Bool }

func (g *gate) Dial(network, address string) (net.Conn, error) {
	if !g.open.Load() {
		return nil, errors.New("the gate is shut")
	}
	return net.Dial(network, address)
}

// freePort is a port to listen on again and again: below those that the system
// hands out, so that nobody else is given it in between.
func freePort(t testing.TB) int {
	t.Helper()
	for {
		port := 20_000 + rand.IntN(10_000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			require.NoError(t, l.Close())
			return port
		}
	}
}
