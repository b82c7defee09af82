package service

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// guardedService is a service without a connection.
func guardedService(t require.TestingT, o Options) *Service {
	subjects, err := bus.NewSubjects("test")
	require.NoError(t, err)
	o.Subjects, o.Log = subjects, slog.New(slog.DiscardHandler)
	return New(nil, o)
}

// What waits is bounded for each and for all together, and whoever has nothing waiting finds room for a message.
func TestRoomForEverybody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const own, total, message = 1000, 3000, 100
		s := guardedService(t, Options{PendingBytes: own, PendingMessages: 1000, Limits: Limits{TotalPending: total}})
		var sensors []*sensor
		for i := range rapid.IntRange(1, 12).Draw(t, "sensors") {
			sn, err := newSensor(s, "s"+strconv.Itoa(i))
			require.NoError(t, err)
			sensors = append(sensors, sn)
		}
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			sn := sensors[rapid.IntRange(0, len(sensors)-1).Draw(t, "sensor")]
			if rapid.Bool().Draw(t, "taken") && len(sn.queue) > 0 {
				it := <-sn.queue
				sn.dequeued(it.message)
				sn.waiting.Add(-int64(len(it.message.Data)))
			} else {
				was := sn.waiting.Load()
				took := sn.offer(&nats.Msg{Data: make([]byte, rapid.IntRange(1, message).Draw(t, "bytes"))})
				if was == 0 {
					require.True(t, took, "a sensor that has nothing waiting: %d of %d bytes wait", s.guard.waiting.Load(), total)
				}
			}
			var all int64
			for _, sn := range sensors {
				require.LessOrEqual(t, sn.waiting.Load(), int64(own))
				all += sn.waiting.Load()
			}
			require.Equal(t, all, s.guard.waiting.Load())
			require.LessOrEqual(t, all, int64(total))
		}
	})
}

func TestHeadersAreBounded(t *testing.T) {
	require.NoError(t, headersBounded(nil))
	many := nats.Header{}
	for i := range maxHeaders {
		many.Set("K"+strconv.Itoa(i), "v")
	}
	require.NoError(t, headersBounded(many))
	many.Set("K", "v")
	require.ErrorContains(t, headersBounded(many), "expected at most 64, found 65")
	require.NoError(t, headersBounded(nats.Header{"K": {strings.Repeat("v", maxHeaderBytes-1)}}))
	require.ErrorContains(t, headersBounded(nats.Header{"K": {strings.Repeat("v", maxHeaderBytes)}}), "expected at most 16384 bytes, found 16385")
	require.ErrorContains(t, headersBounded(nats.Header{"K": make([]string, maxHeaderBytes+1)}), "expected at most")
}

// Sensors are as large as they say, up to a size of their own and one of all together.
func TestPixelsAreBounded(t *testing.T) {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	c := feast.Default()
	c.Neurons, c.Radius = 2, 1
	s := guardedService(t, Options{PendingMessages: 1, Limits: Limits{MaxPixels: 10_000, TotalPixels: 20_000}})
	sensorOf := func(name string, geometry events.Geometry) *sensor {
		sn, err := newSensor(s, name)
		require.NoError(t, err)
		sn.pipe, err = pipeline.New(pipeline.Options{Target: target, Feast: c, Geometry: geometry, PacketEvents: 16})
		require.NoError(t, err)
		return sn
	}
	size := func(w, h int) events.Geometry { return events.Geometry{Width: w, Height: h} }
	a, b, d := sensorOf("a", events.Geometry{}), sensorOf("b", events.Geometry{}), sensorOf("d", events.Geometry{})
	require.NoError(t, a.fits(events.Geometry{}), "the pipeline says what is wrong with that")
	require.ErrorContains(t, a.fits(size(101, 100)), "expected a sensor of at most 10000 pixels, found 101x100")
	require.NoError(t, a.fits(size(100, 100)))
	require.NoError(t, a.fits(size(100, 100)), "it is counted once")
	require.NoError(t, b.fits(size(100, 99)))
	require.ErrorContains(t, d.fits(size(20, 20)), "expected no more than 20000 pixels of all sensors together, found 20x20 beside 19900")
	require.NoError(t, d.fits(size(10, 10)))
	// What the configuration says is not for a sensor to bound, but it counts.
	own := sensorOf("e", size(200, 200))
	require.NoError(t, own.fits(size(200, 200)))
	require.EqualValues(t, 60_000, s.guard.pixels.Load())
}
