package pipeline_test

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
)

// cut draws messages that together hold the events of a recording. The last one
// may be empty.
func cut(rt *rapid.T, t testing.TB, in []events.Event, name, truth string, end bool) []*pipeline.Input {
	encoding := rapid.SampledFrom(encodings).Draw(rt, "encoding")
	var out []*pipeline.Input
	for len(in) > 0 {
		n := rapid.IntRange(1, min(len(in), 200)).Draw(rt, "events")
		out = append(out, message(t, encoding, in[:n]))
		in = in[n:]
	}
	if len(out) == 0 || end && rapid.Bool().Draw(rt, "empty end") {
		out = append(out, message(t, encoding, nil))
	}
	for _, m := range out {
		m.Recording, m.Truth = name, truth
	}
	out[len(out)-1].End = end
	return out
}

// outcome is what comes of a message of [cut]: one with nothing in it must be the end of something.
func outcome(m *pipeline.Input) pipeline.Outcome {
	if len(m.Payload) == 0 && !m.End {
		return pipeline.Rejected
	}
	return pipeline.Processed
}

func TestEmptyMessage(t *testing.T) {
	for _, encoding := range encodings {
		p, got := newPipeline(t, options(t, newModel(t, 1))), &record{t: t}
		require.Equal(t, pipeline.Rejected, got.handle(p, message(t, encoding, nil)))
		require.Len(t, got.rejects, 1)
		require.EqualError(t, got.rejects[0].Err, encoding+" at byte 0: expected events, or the end of a recording, found an empty message")
		end := message(t, encoding, nil)
		end.End = true
		require.Equal(t, pipeline.Processed, got.handle(p, end))
		require.Len(t, got.rejects, 1)
	}
}

// However recordings and streams are cut into messages and messages into packets,
// the same comes of them; and that is what comes of the events one by one.
func TestMessagesOfAnySize(t *testing.T) {
	models := []*model.Model{newModel(t, 1)}
	for _, method := range readout.Methods() {
		for _, name := range slices.Sorted(maps.Keys(descriptors)) {
			models = append(models, newModelOf(t, 1, descriptors[name], method))
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		o := options(t, rapid.SampledFrom(models).Draw(rt, "model"))
		o.PacketEvents = rapid.SampledFrom([]int{1, 3, 64, 1000}).Draw(rt, "packet")
		drawLabels(rt, &o)
		want := newOracle(t, o)
		p := newPipeline(t, o)
		got := &record{t: t}
		messages, empty := 0, 0
		previous, open := "", false
		for r := range rapid.IntRange(1, 4).Draw(rt, "recordings") {
			name := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "name")
			in := moving(uint64(r), rapid.IntRange(0, 300).Draw(rt, "events"), int64(rapid.IntRange(0, 2_000).Draw(rt, "start")))
			end := rapid.Bool().Draw(rt, "end")
			if !open || name != previous {
				if open {
					want.label(pipeline.KindFinal)
				}
				want.begin(name, "t"+name)
			}
			want.events(in)
			if end {
				want.label(pipeline.KindFinal)
			}
			previous, open = name, !end
			for _, m := range cut(rt, t, in, name, "t"+name, end) {
				m.Seq, m.HasSeq = uint64(messages), true
				messages++
				require.Equal(t, outcome(m), got.handle(p, m))
				if outcome(m) == pipeline.Rejected {
					empty++
				}
			}
		}
		require.Equal(t, want.answers, got.answers)
		require.Equal(t, want.labels, withoutSeq(got.labels))
		require.Equal(t, messages, got.ends)
		require.Len(t, got.rejects, empty)
		requireSums(t, p)
		c := p.Counters()
		require.EqualValues(t, messages, c.Messages)
		require.EqualValues(t, len(want.answers), c.Events)
		require.EqualValues(t, len(want.labels), c.Labels)
		require.Equal(t, want.layer.Counters(), p.Layer().Counters())
		require.Equal(t, want.layer.Weights(), p.Layer().Weights())
	})
}

// drawLabels draws how often there are labels, and of what.
func drawLabels(rt *rapid.T, o *pipeline.Options) {
	o.LabelEvery = rapid.SampledFrom([]time.Duration{0, time.Millisecond, 3 * time.Millisecond, time.Second}).Draw(rt, "every")
	o.LabelEvents = rapid.SampledFrom([]int64{0, 1, 7, 50, 1000}).Draw(rt, "many")
	o.LabelMode = rapid.SampledFrom([]pipeline.LabelMode{"", pipeline.Interval, pipeline.Running}).Draw(rt, "mode")
	if o.LabelEvery == 0 && o.LabelEvents == 0 {
		o.LabelMode = ""
	}
}

// numbers gives the messages their numbers in a session.
func numbers(session string, in ...*pipeline.Input) []*pipeline.Input {
	for i, m := range in {
		m.Session, m.Seq, m.HasSeq = session, uint64(i), true
	}
	return in
}

func named(m *pipeline.Input, name string) *pipeline.Input {
	m.Recording = name
	return m
}

// A label names the last message that it rests on, not the one that made it due.
func TestLabelNamesTheMessageThatItRestsOn(t *testing.T) {
	o := options(t, newModel(t, 1))
	in := moving(1, 30, 0)
	out := &record{t: t}
	var ends []pipeline.RecordingEnd
	o.OnRecording = func(_ *pipeline.Pipeline, e pipeline.RecordingEnd) { ends = append(ends, e) }
	p := newPipeline(t, o)
	for _, m := range numbers(
		"s",
		named(message(t, mono.Name, in[:10]), "x"),
		named(message(t, mono.Name, in[10:20]), "x"),
		named(message(t, mono.Name, in[20:]), "y"),
		&pipeline.Input{Encoding: mono.Name, Recording: "y", End: true},
	) {
		out.handle(p, m)
	}
	require.Len(t, out.labels, 2)
	require.Equal(t, "x", out.labels[0].Recording)
	require.EqualValues(t, 1, out.labels[0].Seq)
	require.EqualValues(t, 20, out.labels[0].Events)
	require.Equal(t, "y", out.labels[1].Recording)
	require.EqualValues(t, 2, out.labels[1].Seq)
	require.True(t, out.labels[1].HasSeq)
	require.Equal(t, []pipeline.RecordingEnd{
		{Recording: "x", Events: 20, Label: &out.labels[0]}, {Recording: "y", Events: 10, Label: &out.labels[1]},
	}, ends)

	// Without a number there is none to name.
	p, out = newPipeline(t, o), &record{t: t}
	last := message(t, mono.Name, in)
	last.End = true
	out.handle(p, last)
	require.False(t, out.labels[0].HasSeq)
}

// Labels by intervals come after the features that they rest on.
func TestLabelsFollowTheirFeatures(t *testing.T) {
	o := options(t, newModel(t, 1))
	o.LabelEvery = time.Millisecond
	p := newPipeline(t, o)
	out := &ordered{record: record{t: t}}
	for _, m := range cutEvenly(t, moving(1, 2000, 0), 150) {
		_, err := p.Handle(m, out)
		require.NoError(t, err)
	}
	require.Greater(t, len(out.labels), 10)
}

type ordered struct {
	record
	labelled int64
}

func (o *ordered) Label(l pipeline.Label) error {
	o.labelled += l.Events
	require.LessOrEqual(o.t, o.labelled, int64(len(o.answers)), "a label before its features")
	return o.record.Label(l)
}

// Time that runs back by an interval or more, as when a camera is started again,
// ends the interval; what runs back by less does not.
func TestIntervalsWhenTimeRunsBack(t *testing.T) {
	o := options(t, newModel(t, 1))
	o.LabelEvery = time.Millisecond
	at := func(times ...int64) (in []events.Event) {
		for _, t := range times {
			in = append(in, events.Event{T: t, X: 5, Y: 5})
		}
		return in
	}
	in := at(5000, 5100, 4900, 4001, 4000, 4999, 3001, 5000, 0, 999)
	for _, n := range []int{1, 3, len(in)} {
		p, out := newPipeline(t, o), &record{t: t}
		for _, m := range cutEvenly(t, in, n) {
			out.handle(p, m)
		}
		var got [][3]int64
		for _, l := range out.labels {
			got = append(got, [3]int64{l.First, l.Last, l.Events})
		}
		require.Equal(t, [][3]int64{{5000, 4001, 4}, {4000, 3001, 3}, {5000, 5000, 1}}, got)
	}
}

func cutEvenly(t testing.TB, in []events.Event, n int) []*pipeline.Input {
	var out []*pipeline.Input
	for part := range slices.Chunk(in, n) {
		out = append(out, message(t, mono.Name, part))
	}
	return out
}

// The first message brings the geometry; another one later is rejected, and the
// stream goes on as if it had not come.
func TestGeometry(t *testing.T) {
	o := options(t, nil)
	p, out := newPipeline(t, o), &record{t: t}
	in := moving(1, 60, 0)
	none := message(t, mono.Name, in[:10])
	none.Header.Geometry = events.Geometry{}
	require.Equal(t, pipeline.Rejected, out.handle(p, none))
	require.ErrorIs(t, out.rejects[0].Err, pipeline.ErrGeometry)
	require.Nil(t, p.Layer())

	for _, g := range []events.Geometry{{Width: events.MaxSide + 1, Height: 4}, {Width: -3, Height: 4}, {Width: 5}} {
		m := message(t, mono.Name, in[:10])
		m.Header.Geometry = g
		require.Equal(t, pipeline.Rejected, out.handle(p, m), "%v", g)
		require.Nil(t, p.Layer())
	}

	require.Equal(t, pipeline.Processed, out.handle(p, message(t, mono.Name, in[:20])))
	require.Equal(t, geometry, p.Layer().Config().Geometry())
	other := message(t, mono.Name, in[20:40])
	other.Header.Geometry = events.Geometry{Width: 34, Height: 34}
	require.Equal(t, pipeline.Rejected, out.handle(p, other))
	last := out.rejects[len(out.rejects)-1]
	require.ErrorIs(t, last.Err, pipeline.ErrGeometry)
	require.ErrorContains(t, last.Err, "12x10")
	require.ErrorContains(t, last.Err, "34x34")
	// What is known need not be said again.
	silent := message(t, mono.Name, in[40:])
	silent.Header.Geometry = events.Geometry{}
	require.Equal(t, pipeline.Processed, out.handle(p, silent))

	fresh, want := newPipeline(t, o), &record{t: t}
	want.handle(fresh, message(t, mono.Name, in[:20]))
	want.handle(fresh, message(t, mono.Name, in[40:]))
	require.Equal(t, want.answers, out.answers)
	require.Equal(t, fresh.Layer().Weights(), p.Layer().Weights())
	c := p.Counters()
	require.EqualValues(t, 5, c.Rejects)
	require.EqualValues(t, 7, c.Messages)

	// A geometry that is configured is the one that messages must have.
	o.Geometry = events.Geometry{Width: 20, Height: 20}
	p = newPipeline(t, o)
	require.Equal(t, pipeline.Rejected, out.handle(p, message(t, mono.Name, in)))
}

// A sensor for which the pooling is too large is refused, before memory is taken
// for its surfaces.
func TestGeometryTooLargeForThePooling(t *testing.T) {
	o := options(t, nil)
	o.Pool.CellWidth, o.Pool.CellHeight = 1, 1
	p, out := newPipeline(t, o), &record{t: t}
	m := message(t, mono.Name, moving(1, 1, 0))
	m.Header.Geometry = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			out.handle(p, m)
		}
	}).AllocedBytesPerOp()
	require.Less(t, allocated, int64(1<<16))
	require.ErrorIs(t, out.rejects[0].Err, pipeline.ErrGeometry)
	require.Nil(t, p.Layer())
}

func TestUnknownEncoding(t *testing.T) {
	p, out := newPipeline(t, options(t, newModel(t, 1))), &record{t: t}
	in := moving(1, 40, 0)
	m := message(t, mono.Name, in[:20])
	require.Equal(t, pipeline.Processed, out.handle(p, named(m, "x")))
	strange := named(message(t, mono.Name, in[20:]), "x")
	strange.Encoding = "morse"
	require.Equal(t, pipeline.Rejected, out.handle(p, strange))
	require.ErrorIs(t, out.rejects[0].Err, pipeline.ErrEncoding)
	require.ErrorContains(t, out.rejects[0].Err, "morse")
	require.Equal(t, 1, out.rejects[0].Count)
	require.Len(t, out.answers, 20)
	require.Equal(t, "x", p.Recording())

	// The end of a recording is one, whatever comes with it.
	strange.End = true
	require.Equal(t, pipeline.Rejected, out.handle(p, strange))
	require.Len(t, out.labels, 1)
	require.EqualValues(t, 20, out.labels[0].Events)
	require.Empty(t, p.Recording())
	// But not that of a recording that has not begun.
	require.Equal(t, pipeline.Rejected, out.handle(p, strange))
	require.Len(t, out.labels, 1)
}

// The events before, between and behind damage are processed; one reject tells
// where the first damage is and how many there are.
func TestDamagedPayload(t *testing.T) {
	m := newModel(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		o := options(t, m)
		o.PacketEvents = rapid.SampledFrom([]int{1, 2, 7, 500}).Draw(rt, "packet")
		in := moving(1, rapid.IntRange(1, 40).Draw(rt, "events"), 0)
		damaged := rapid.SliceOfNDistinct(rapid.IntRange(0, len(in)-1), 0, len(in), rapid.ID[int]).Draw(rt, "damaged")
		slices.Sort(damaged)
		tail := rapid.IntRange(0, 7).Draw(rt, "tail")

		msg := message(t, mono.Name, in)
		msg.End = true
		var good []events.Event
		for i, e := range in {
			if !slices.Contains(damaged, i) {
				good = append(good, e)
				continue
			}
			w := binary.LittleEndian.Uint64(msg.Payload[8*i:])
			binary.LittleEndian.PutUint64(msg.Payload[8*i:], w&^(0xffff<<32)|uint64(geometry.Width)<<32)
		}
		msg.Payload = append(msg.Payload, make([]byte, tail)...)
		count, first := len(damaged), int64(8*len(in))
		if len(damaged) > 0 {
			first = int64(8 * damaged[0])
		}
		if tail > 0 {
			count++
		}

		p, out := newPipeline(t, o), &record{t: t}
		outcome := out.handle(p, msg)
		want := newOracle(t, o)
		want.begin("", "")
		want.events(good)
		want.label(pipeline.KindFinal)
		require.Equal(t, want.answers, out.answers)
		require.Equal(t, want.labels, out.labels)
		require.Equal(t, 1, out.ends)
		requireSums(t, p)
		if count == 0 {
			require.Equal(t, pipeline.Processed, outcome)
			require.Empty(t, out.rejects)
			return
		}
		require.Equal(t, pipeline.Rejected, outcome)
		require.Len(t, out.rejects, 1)
		require.Equal(t, count, out.rejects[0].Count)
		var fe *events.FormatError
		require.ErrorAs(t, out.rejects[0].Err, &fe)
		require.Equal(t, first, fe.Offset)
		require.EqualValues(t, 1, p.Counters().Rejects)

		// The stream goes on.
		next := message(t, mono.Name, in)
		require.Equal(t, pipeline.Processed, out.handle(p, next))
	})
}

func init() {
	events.RegisterEncoding(&events.Encoding{Name: "stuck", NewDecoder: func() events.Decoder { return stuck{} }})
}

// stuck is a decoder that takes no more than one byte of a message, and does not
// say why.
type stuck struct{}

func (stuck) Reset() {}

func (stuck) Decode(_ events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	if len(data) == 0 || data[0] != 1 {
		return 0, nil
	}
	p.Events = append(p.Events, events.Event{T: 1})
	return 1, nil
}

// A decoder that does not go on loses the rest of its message, which is told, and
// does not hang the stream.
func TestDecoderThatDoesNotGoOn(t *testing.T) {
	for _, packet := range []int{1, 2, 64} {
		o := options(t, newModel(t, 1))
		o.PacketEvents = packet
		p, out := newPipeline(t, o), &record{t: t}
		outcome := out.handle(p, &pipeline.Input{Encoding: "stuck", Payload: []byte{1, 1, 1, 0, 1}})
		require.Equal(t, pipeline.Rejected, outcome)
		require.Len(t, out.answers, 3)
		require.Len(t, out.rejects, 1)
		var fe *events.FormatError
		require.ErrorAs(t, out.rejects[0].Err, &fe)
		require.EqualValues(t, 3, fe.Offset)
	}
}

// An output's error ends the message, and is handed back.
func TestOutputFails(t *testing.T) {
	p := newPipeline(t, options(t, newModel(t, 1)))
	broken := errors.New("broken")
	out := &record{t: t, failing: broken}
	_, err := p.Handle(message(t, mono.Name, moving(1, 10, 0)), out)
	require.ErrorIs(t, err, broken)
	requireSums(t, p)
	out.failing = nil
	require.Equal(t, pipeline.Processed, out.handle(p, message(t, mono.Name, moving(1, 10, 0))))
}

// Models and learning change between two messages.
func TestSetModelAndLearning(t *testing.T) {
	o := options(t, newModel(t, 1))
	in := moving(1, 900, 0)
	p, out := newPipeline(t, o), &record{t: t}
	out.handle(p, message(t, mono.Name, in[:300]))
	before, err := p.Model()
	require.NoError(t, err)

	p.SetLearning(false)
	require.False(t, p.Learning())
	out.handle(p, message(t, mono.Name, in[300:600]))
	require.Equal(t, before.Weights, p.Layer().Weights(), "it learned while learning was off")
	frozen := slices.Clone(out.answers[300:600])

	// The other model starts with empty surfaces and counts, with learning as it was.
	second := newModel(t, 2)
	require.NoError(t, p.SetModel(second))
	require.False(t, p.Layer().Learning())
	m := message(t, mono.Name, in[600:])
	m.End = true
	out.handle(p, m)
	o2 := o
	o2.Model, o2.Learning = second, false
	want := newOracle(t, o2)
	want.begin("", "")
	want.events(in[600:])
	want.label(pipeline.KindFinal)
	require.Equal(t, want.answers, out.answers[600:])
	require.NotEqual(t, frozen, out.answers[600:])
	require.Equal(t, want.labels, out.labels, "a label rests on what was pooled")
	requireSums(t, p)
	require.EqualValues(t, 900, p.Counters().Events)

	// With the model that was taken, and the recording begun anew, the same comes
	// of the same.
	require.NoError(t, p.SetModel(before))
	again := &record{t: t}
	again.handle(p, message(t, mono.Name, in[300:600]))
	o3 := o
	o3.Model, o3.Learning = before, false
	want = newOracle(t, o3)
	want.begin("", "")
	want.events(in[300:600])
	require.Equal(t, want.answers, again.answers)

	p.SetLearning(true)
	out.handle(p, message(t, mono.Name, in[:300]))
	require.NotEqual(t, before.Weights, p.Layer().Weights())

	// What does not fit is refused and changes nothing.
	wrong := newModel(t, 3)
	wrong.Feast.Width++
	wrong.Pool.Geometry.Width++
	state, err := p.MarshalBinary()
	require.NoError(t, err)
	require.Error(t, p.SetModel(wrong))
	after, err := p.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, state, after)
}

// A readout that comes in the middle of a stream decides on what comes from there on.
func TestReadoutComesLater(t *testing.T) {
	m := newModel(t, 1)
	bare := *m
	bare.Readout = nil
	o := options(t, &bare)
	o.LabelEvery = 2 * time.Millisecond
	in := moving(1, 800, 50_000)
	p, out := newPipeline(t, o), &record{t: t}
	out.handle(p, message(t, mono.Name, in[:400]))
	require.Empty(t, out.labels)
	require.NoError(t, p.SetModel(m))
	out.handle(p, message(t, mono.Name, in[400:]))
	o.Model = m
	want := newOracle(t, o)
	want.begin("", "")
	want.events(in[400:])
	require.Equal(t, want.answers, out.answers[400:])
	require.Equal(t, want.labels, out.labels)
	require.NotEmpty(t, out.labels)
}

// What a status says of where the stream stands.
func TestRecordingAndLatest(t *testing.T) {
	p, out := newPipeline(t, options(t, newModel(t, 1))), &record{t: t}
	require.Empty(t, p.Recording())
	in := moving(1, 25, 7000)
	out.handle(p, named(message(t, mono.Name, in), "x"))
	require.Equal(t, "x", p.Recording())
	require.Equal(t, in[24].T, p.Latest())
	end := named(message(t, mono.Name, nil), "x")
	end.End = true
	out.handle(p, end)
	require.Empty(t, p.Recording())
	require.Equal(t, in[24].T, p.Latest())
	require.EqualValues(t, 1, p.Counters().Recordings)
}

// Running labels rest on ever more of the recording, and the last one is final.
func TestRunningLabels(t *testing.T) {
	o := options(t, newModel(t, 1))
	o.LabelEvents, o.LabelMode = 10, pipeline.Running
	in := moving(1, 35, 0)
	p, out := newPipeline(t, o), &record{t: t}
	for _, m := range []*pipeline.Input{named(message(t, mono.Name, in[:15]), "x"), named(message(t, mono.Name, in[15:]), "x")} {
		m.End = len(m.Payload) > 8*15
		out.handle(p, m)
	}
	var kinds []pipeline.LabelKind
	var seen []int64
	for _, l := range out.labels {
		kinds, seen = append(kinds, l.Kind), append(seen, l.Events)
		require.Equal(t, in[0].T, l.First)
	}
	require.Equal(t, []pipeline.LabelKind{pipeline.KindRunning, pipeline.KindRunning, pipeline.KindRunning, pipeline.KindFinal}, kinds)
	require.Equal(t, []int64{10, 20, 30, 35}, seen)

	// By interval, each rests on its own.
	o.LabelMode = pipeline.Interval
	p, out = newPipeline(t, o), &record{t: t}
	m := message(t, mono.Name, in[:30])
	m.End = true
	out.handle(p, m)
	kinds, seen = nil, nil
	for _, l := range out.labels {
		kinds, seen = append(kinds, l.Kind), append(seen, l.Events)
	}
	require.Equal(t, []pipeline.LabelKind{pipeline.KindInterval, pipeline.KindInterval, pipeline.KindFinal}, kinds)
	require.Equal(t, []int64{10, 10, 10}, seen)
}
