package pipeline_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/readout"
)

// FuzzHandle gives messages of any kind. Nothing panics, every event is accounted
// for, what is read lies on the sensor, and the state can be taken and put back.
func FuzzHandle(f *testing.F) {
	o := options(f, newModelOf(f, 1, descriptors["all"], readout.MethodKernel))
	o.PacketEvents, o.LabelEvery, o.LabelEvents, o.LabelMode = 5, time.Millisecond, 9, pipeline.Running
	network := options(f, networks(f)["lower"])
	network.PacketEvents = 5
	in := moving(1, 20, 0)
	good := message(f, mono.Name, in).Payload
	const width, height = 12, 10
	f.Add(uint8(0), width, height, int64(0), good, "s", uint64(0), uint64(0), uint8(3), "x", "1")
	f.Add(uint8(1), width, height, int64(5000), good, "", uint64(7), uint64(2), uint8(1), "", "")
	f.Add(uint8(0), 0, 0, int64(math.MaxInt64), good[:13], "s", uint64(math.MaxUint64), uint64(0), uint8(2), "y", "")
	f.Add(uint8(2), 34, 34, int64(-1), []byte{1, 1, 0}, "t", uint64(1), uint64(1), uint8(7), "x", "")
	f.Add(uint8(3), -1, 1<<40, int64(math.MinInt64), []byte{}, "t", uint64(1), uint64(1), uint8(7), "x", "")
	f.Add(uint8(0), width, height, int64(0), good, "s", uint64(0), uint64(0), uint8(11), "x", "1")
	f.Add(uint8(1), width, height, int64(math.MinInt64), good, "", uint64(7), uint64(2), uint8(9), "", "")
	f.Add(uint8(4), width, height, int64(0), words(0x8001, 0x6005, 0x0002, 0x3001, 0x4003, 0x2002, 0x9999, 0xa001).Payload, "s", uint64(0), uint64(0), uint8(1), "x", "1")
	f.Add(uint8(5), width, height, int64(5<<34*1000), []byte{1, 0, 0, 0x80, 5, 0x18, 0xc0, 0x1f, 9}, "s", uint64(0), uint64(0), uint8(9), "\xff", "1")
	names := append(slices.Clone(encodings), "stuck", "none", "evt3", "evt2", "evt21", "libcaer")
	f.Fuzz(func(t *testing.T, encoding uint8, w, h int, base int64, data []byte,
		session string, seq, oldest uint64, flags uint8, recording, truth string,
	) {
		o := o
		if flags&8 != 0 {
			o = network
		}
		p, out := newPipeline(t, o), &record{t: t}
		m := &pipeline.Input{
			Encoding: names[int(encoding)%len(names)],
			Header:   events.MessageHeader{Geometry: events.Geometry{Width: w, Height: h}, TimeBase: base},
			Payload:  data, Session: session, Seq: seq, HasSeq: flags&1 != 0, Oldest: oldest, HasOldest: flags&2 != 0,
			Recording: recording, Truth: truth, End: flags&4 != 0,
		}
		usual := named(message(t, mono.Name, in), "x")
		for _, m := range []*pipeline.Input{usual, m, m, usual, m} {
			before := p.Counters()
			outcome := out.handle(p, m)
			requireSums(t, p)
			after := p.Counters()
			switch outcome {
			case pipeline.Early:
				require.Equal(t, before, after)
			case pipeline.Duplicate:
				before.Messages++
				before.Duplicates++
				require.Equal(t, before, after)
			case pipeline.Rejected:
				require.Equal(t, before.Rejects+1, after.Rejects)
			case pipeline.Processed:
				require.Equal(t, before.Rejects, after.Rejects)
			}
		}
		c := p.Counters()
		require.EqualValues(t, len(out.answers), c.Events)
		require.EqualValues(t, len(out.labels), c.Labels)
		require.EqualValues(t, len(out.rejects), c.Rejects)
		for _, a := range out.answers {
			require.True(t, geometry.Contains(a.event.X, a.event.Y))
			require.Less(t, int(a.winner), p.Layer().Config().Features())
		}
		q := newPipeline(t, o)
		require.NoError(t, q.UnmarshalBinary(marshal(t, p)))
		requireSums(t, q)
		*out = record{t: t}
		other := &record{t: t}
		for _, m := range []*pipeline.Input{m, usual} {
			require.Equal(t, out.handle(p, m), other.handle(q, m))
		}
		require.Equal(t, out, other)
		require.Equal(t, marshal(t, p), marshal(t, q))
	})
}
