package demo

import (
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

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
	tally     *survey.Tally // where activity is counted
	err       error         // the first

	rawPool *pool.Pool
}

func (c *client) collector(sources []replay.Source, w wants) (*collector, error) {
	col := &collector{
		passed: &passed{labels: map[string]bus.Label{}, rasters: map[string][]bus.FeatureEvent{}}, want: w,
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
	if w.activity > 0 {
		col.passed.activity = survey.NewCounts(c.geometry, c.features, w.activity)
		col.tally = col.passed.activity.Tally()
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
	if h.Recording != col.recording {
		col.recordingEnd()
		col.recording = h.Recording
	}
	keep := col.want.rasters[h.Recording]
	if col.pool == nil && col.tally == nil && !keep {
		return nil
	}
	if col.features, err = bus.AppendFeatureEvents(col.features[:0], m.Data); err != nil {
		return err
	}
	if kept := col.passed.rasters[h.Recording]; keep && len(kept) < survey.MaxPictured {
		col.passed.rasters[h.Recording] = append(kept, col.features...)
	}
	if col.tally != nil {
		for _, f := range col.features {
			col.tally.Won(f.X, f.Y, int(f.Feature))
		}
	}
	if col.pool == nil {
		return nil
	}
	col.in, col.winners = col.in[:0], col.winners[:0]
	for _, f := range col.features {
		col.in = append(col.in, events.Event{T: f.T, X: f.X, Y: f.Y, P: f.P})
		col.winners = append(col.winners, int16(f.Feature))
	}
	col.pool.Add(col.in, col.winners)
	return nil
}

// recordingEnd ends the recording whose features are being pooled and counted.
func (col *collector) recordingEnd() {
	if col.recording == "" {
		return
	}
	truth := col.truth[col.recording]
	if col.pool != nil {
		v := &col.passed.vectors
		v.Rows = append(v.Rows, col.pool.Vector(nil))
		v.Labels = append(v.Labels, truth)
		col.pool.Reset()
	}
	if col.tally != nil {
		col.passed.activity.Add(truth, col.tally)
	}
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
