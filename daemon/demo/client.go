package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// client replays recordings and listens to what comes of them.
type client struct {
	nc       *nats.Conn
	subjects bus.SensorSubjects
	geometry events.Geometry
	pooling  pool.Config
	features int // of all banks, once they are known
}

// wants says what to collect besides numbers.
type wants struct {
	vectors bool // pooled features of each recording
	raw     bool // pooled raw events of each recording
	labels  bool // the daemon's decisions
}

// passed is what came of a pass over recordings.
type passed struct {
	recordings int
	seconds    float64
	counts     bus.Counts
	latencies  []time.Duration // of each message, from publish to result
	vectors    readout.Data
	raw        readout.Data
	labels     map[string]bus.Label // by recording
}

func (c *client) featurePool() pool.Config {
	p := c.pooling
	p.Source, p.Features = pool.SourceFeatures, c.features
	return p
}

func (c *client) rawPool() pool.Config {
	p := c.pooling
	p.Source = pool.SourceEvents
	return p
}

// collector puts the results of one pass together. Messages are sent by one
// goroutine, and results come in another.
type collector struct {
	passed *passed
	want   wants
	truth  map[string]string // by recording

	mu   sync.Mutex
	sent map[uint64]time.Time

	pool      *pool.Pool
	recording string
	in        []events.Event
	winners   []int16
	features  []bus.FeatureEvent
	err       error // the first

	rawPool *pool.Pool
}

func (c *client) collector(sources []replay.Source, w wants) (*collector, error) {
	col := &collector{
		passed: &passed{labels: map[string]bus.Label{}}, want: w,
		truth: make(map[string]string, len(sources)), sent: map[uint64]time.Time{},
	}
	for _, s := range sources {
		col.truth[s.Recording] = s.Truth
	}
	var err error
	if w.vectors {
		if col.pool, err = pool.New(c.featurePool()); err != nil {
			return nil, err
		}
	}
	if w.raw {
		if col.rawPool, err = pool.New(c.rawPool()); err != nil {
			return nil, err
		}
	}
	return col, nil
}

// made takes raw events as they are sent.
func (col *collector) made(s replay.Source, in []events.Event, last bool) {
	if col.rawPool == nil {
		return
	}
	col.rawPool.Add(in, nil)
	if last {
		raw := &col.passed.raw
		raw.Rows = append(raw.Rows, col.rawPool.Vector(nil))
		raw.Labels = append(raw.Labels, s.Truth)
		col.rawPool.Reset()
	}
}

func (col *collector) publishing(seq uint64) {
	col.mu.Lock()
	defer col.mu.Unlock()
	col.sent[seq] = time.Now()
}

// result takes one message from the daemon.
func (col *collector) result(m *nats.Msg, s bus.SensorSubjects) {
	now := time.Now()
	var err error
	switch m.Subject {
	case s.Features:
		err = col.featuresMessage(m, now)
	case s.Labels:
		var l bus.Label
		if l, err = bus.Decode[bus.Label](m.Data); err == nil {
			col.passed.labels[l.Recording] = l
		}
	default:
		var r bus.Reject
		if r, err = bus.Decode[bus.Reject](m.Data); err == nil {
			err = fmt.Errorf("the daemon rejected a message: %s", r.Error)
		}
	}
	if col.err == nil {
		col.err = err
	}
}

func (col *collector) featuresMessage(m *nats.Msg, now time.Time) error {
	h, err := bus.ParseFeaturesHeader(m.Header)
	if err != nil {
		return err
	}
	col.passed.counts.Events += h.Counts.Events
	col.passed.counts.Missed += h.Counts.Missed
	col.passed.counts.Border += h.Counts.Border
	col.passed.counts.Outside += h.Counts.Outside
	if !h.More {
		col.mu.Lock()
		sent, ok := col.sent[h.Seq]
		delete(col.sent, h.Seq)
		col.mu.Unlock()
		if ok {
			col.passed.latencies = append(col.passed.latencies, now.Sub(sent))
		}
	}
	if col.pool == nil {
		return nil
	}
	if h.Recording != col.recording {
		col.vectorEnd()
		col.recording = h.Recording
	}
	if col.features, err = bus.AppendFeatureEvents(col.features[:0], m.Data); err != nil {
		return err
	}
	col.in, col.winners = col.in[:0], col.winners[:0]
	for _, f := range col.features {
		col.in = append(col.in, events.Event{T: f.T, X: f.X, Y: f.Y, P: f.P})
		col.winners = append(col.winners, int16(f.Feature))
	}
	col.pool.Add(col.in, col.winners)
	return nil
}

// vectorEnd ends the recording whose features are being pooled.
func (col *collector) vectorEnd() {
	if col.pool == nil || col.recording == "" {
		return
	}
	v := &col.passed.vectors
	v.Rows = append(v.Rows, col.pool.Vector(nil))
	v.Labels = append(v.Labels, col.truth[col.recording])
	col.pool.Reset()
	col.recording = ""
}

// complete tells whether everything came back that was asked for.
func (col *collector) complete(r replay.Report, recordings int, w wants) error {
	p := col.passed
	switch {
	case r.Rejected > 0:
		return fmt.Errorf("%d messages were rejected", r.Rejected)
	case p.recordings != recordings:
		return fmt.Errorf("expected %d recordings to be replayed, found %d", recordings, p.recordings)
	case int64(p.counts.Events) != r.Events:
		return fmt.Errorf("expected results of %d events, found %d", r.Events, p.counts.Events)
	case w.vectors && len(p.vectors.Rows) != recordings:
		return fmt.Errorf("expected features of %d recordings, found %d", recordings, len(p.vectors.Rows))
	case w.labels && len(p.labels) != recordings:
		return fmt.Errorf("expected labels of %d recordings, found %d", recordings, len(p.labels))
	}
	return nil
}

// replay replays the sources and waits until all their results have come.
func (c *client) replay(ctx context.Context, sources []replay.Source, w wants, step func()) (*passed, error) {
	col, err := c.collector(sources, w)
	if err != nil {
		return nil, err
	}
	// One subscription a kind, one channel for both: results come in the order
	// of the stream.
	results := make(chan *nats.Msg, 1<<12)
	var subs []*nats.Subscription
	for _, subject := range []string{c.subjects.Features, c.subjects.Labels, c.subjects.Rejects} {
		sub, err := c.nc.ChanSubscribe(subject, results)
		if err != nil {
			return nil, err
		}
		subs = append(subs, sub)
	}
	if err := bus.Flush(ctx, c.nc); err != nil {
		return nil, err
	}
	// The collector's goroutine ends when the results' channel is closed, which
	// is when all have come.
	var collecting sync.WaitGroup
	collecting.Go(func() {
		for m := range results {
			col.result(m, c.subjects)
		}
	})
	report, err := replay.Run(ctx, c.nc, sources, replay.Options{
		Subject: c.subjects.Events, Encoding: "mono", Geometry: c.geometry,
		PacketEvents: packetEvents, Window: window,
		AckTimeout: 20 * time.Second, GiveUp: time.Minute,
		OnMake: col.made,
		OnSend: col.publishing,
		OnEnd:  func(replay.Source) { step() },
	})
	// Results precede acknowledgements on the daemon's connection, and this one
	// gets both in that order: after a round trip nothing is under way.
	err = errors.Join(err, bus.Flush(ctx, c.nc))
	for _, sub := range subs {
		// A full channel would drop results, and numbers would be of the rest.
		if n, derr := sub.Dropped(); derr == nil && n > 0 {
			err = errors.Join(err, fmt.Errorf("%d results were lost: they came faster than they were read", n))
		}
		err = errors.Join(err, sub.Unsubscribe())
	}
	close(results)
	collecting.Wait()
	if err = errors.Join(err, col.err); err != nil {
		return nil, err
	}
	col.vectorEnd()
	col.passed.recordings = int(report.Recordings)
	return col.passed, col.complete(report, len(sources), w)
}
