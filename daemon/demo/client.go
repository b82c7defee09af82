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
	"github.com/saccade-dev/saccade/daemon/survey"
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
	// activity is of how many classes to count what features do, 0 for none.
	activity int
	// rasters are the recordings whose feature events are kept.
	rasters map[string]bool
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
	activity   *survey.Counts
	rasters    map[string][]bus.FeatureEvent // by recording
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
	col.recordingEnd()
	col.passed.recordings = int(report.Recordings)
	return col.passed, col.complete(report, len(sources), w)
}
