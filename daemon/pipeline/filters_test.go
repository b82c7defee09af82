package pipeline_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/hw"
)

// marks tells what filters by themselves make of a recording: for every event 0, or the mark
// of the filter that drops it.
func marks(t testing.TB, f pipeline.Filters, in []events.Event) []int16 {
	t.Helper()
	out := make([]int16, len(in))
	run := func(fl filter.Filter, err error, mark int16) {
		require.NoError(t, err)
		for i, e := range in {
			if out[i] == 0 && !fl.Keep(e) {
				out[i] = mark
			}
		}
	}
	if f.Refractory > 0 {
		r, err := filter.NewRefractory(geometry, f.Refractory)
		run(r, err, filter.ByRefractory)
	}
	if f.Background > 0 {
		b, err := filter.NewBackground(geometry, f.Background)
		run(b, err, filter.ByBackground)
	}
	return out
}

// A pipeline with filters gives what one without gives of a stream that was filtered before:
// features, labels, what was learned and pooled. Every event is accounted for.
func TestFiltersAreThoseOfTheirPackage(t *testing.T) {
	models := []*model.Model{nil, newModel(t, 1), networks(t)["raw"], networks(t)["last"]}
	total := pipeline.Filtered{}
	rapid.Check(t, func(rt *rapid.T) {
		o := options(t, rapid.SampledFrom(models).Draw(rt, "model"))
		drawLabels(rt, &o)
		with := o
		with.Filters = pipeline.Filters{
			Refractory: rapid.SampledFrom([]time.Duration{0, time.Microsecond, 300 * time.Microsecond, 5 * time.Millisecond}).Draw(rt, "refractory"),
			Background: rapid.SampledFrom([]time.Duration{0, 30 * time.Microsecond, time.Millisecond, time.Second}).Draw(rt, "background"),
		}
		with.PacketEvents = rapid.SampledFrom([]int{1, 7, 64, 1000}).Draw(rt, "packet")
		p, got := newPipeline(t, with), &record{t: t}
		q, want := newPipeline(t, o), &record{t: t}
		var expected []answer
		var dropped pipeline.Filtered
		all := 0
		for r := range rapid.IntRange(1, 3).Draw(rt, "recordings") {
			name := []string{"x", "y", "z"}[r]
			in := moving(uint64(r), rapid.IntRange(1, 500).Draw(rt, "events"), 0)
			all += len(in)
			marked := marks(t, with.Filters, in)
			var kept []events.Event
			for i, m := range marked {
				switch m {
				case 0:
					kept = append(kept, in[i])
				case filter.ByRefractory:
					dropped.Refractory++
				default:
					dropped.Background++
				}
			}
			for _, m := range cut(rt, t, in, name, "truth", true) {
				got.handle(p, m)
			}
			before := len(want.answers)
			m := named(message(t, mono.Name, kept), name)
			m.Truth, m.End = "truth", true
			want.handle(q, m)
			won := want.answers[before:]
			for i, m := range marked {
				a := answer{in[i], m}
				if m == 0 {
					a, won = won[0], won[1:]
				}
				expected = append(expected, a)
			}
		}
		require.Equal(t, expected, got.answers)
		require.Equal(t, withoutSeq(want.labels), withoutSeq(got.labels))
		c := p.Counters()
		require.Equal(t, dropped, c.Filtered)
		require.Equal(t, uint64(all), c.Events)
		requireSums(t, p)
		a, err := p.Model()
		require.NoError(t, err)
		b, err := q.Model()
		require.NoError(t, err)
		require.Equal(t, b, a)
		total.Refractory += dropped.Refractory
		total.Background += dropped.Background
	})
	require.Positive(t, total.Refractory)
	require.Positive(t, total.Background)
}

// filtering are options with both filters.
func filtering(t testing.TB) pipeline.Options {
	t.Helper()
	o := options(t, nil)
	o.Filters = pipeline.Filters{Refractory: 300 * time.Microsecond, Background: time.Millisecond}
	return o
}

// A model that is put in amid a recording leaves the filters as they are: what they know is of the sensor.
func TestFiltersOutliveAModel(t *testing.T) {
	o := filtering(t)
	p, out := newPipeline(t, o), &record{t: t}
	in := moving(1, 400, 0)
	out.handle(p, named(message(t, mono.Name, in[:200]), "x"))
	require.NoError(t, p.SetModel(newModel(t, 2)))
	out.handle(p, named(message(t, mono.Name, in[200:]), "x"))
	for i, m := range marks(t, o.Filters, in) {
		if w := out.answers[i].winner; m != 0 || w == filter.ByRefractory || w == filter.ByBackground {
			require.Equal(t, m, w, "%d", i)
		}
	}
}

// Filters begin anew with a recording, and the marks of results are their own.
func TestFiltersBeginWithARecording(t *testing.T) {
	o := filtering(t)
	o.Filters.Background = 0
	p, out := newPipeline(t, o), &record{t: t}
	one := []events.Event{{T: 10, X: 5, Y: 5}, {T: 11, X: 5, Y: 5}}
	for _, name := range []string{"x", "y"} {
		m := named(message(t, mono.Name, one), name)
		m.End = true
		out.handle(p, m)
	}
	require.Len(t, out.answers, 4)
	for i, a := range out.answers {
		require.Equal(t, i%2 == 1, a.winner == filter.ByRefractory, "%d", i)
	}
	require.NotContains(t, []int16{hw.Missed, hw.Border, hw.Outside, hw.Noise, hw.Ignored}, filter.ByRefractory)
	require.NotContains(t, []int16{hw.Missed, hw.Border, hw.Outside, hw.Noise, hw.Ignored, filter.ByRefractory}, filter.ByBackground)
}

func TestFiltersRefused(t *testing.T) {
	for _, f := range []pipeline.Filters{
		{Refractory: -time.Millisecond},
		{Refractory: 1500 * time.Nanosecond},
		{Background: 2 * time.Second},
	} {
		o := options(t, nil)
		o.Filters = f
		_, err := pipeline.New(o)
		require.ErrorContains(t, err, "expected whole microseconds, 1µs to 1s")
	}
}

// A state is of its filters: with others the stream would go on otherwise.
func TestStateOfFilters(t *testing.T) {
	o := filtering(t)
	p := middle(t, o)
	require.Positive(t, p.Counters().Filtered.Sum())
	before := marshal(t, p)
	for name, c := range map[string]struct {
		other func(*pipeline.Options)
		says  string
	}{
		"none":       {func(o *pipeline.Options) { o.Filters = pipeline.Filters{} }, `refractory: expected "300µs", found none`},
		"another":    {func(o *pipeline.Options) { o.Filters.Background *= 2 }, `background: expected "1ms", found "2ms"`},
		"one of two": {func(o *pipeline.Options) { o.Filters.Refractory = 0 }, `refractory: expected "300µs", found "0s"`},
	} {
		oo := o
		c.other(&oo)
		err := p.UnmarshalBinary(marshal(t, middle(t, oo)))
		require.ErrorIs(t, err, pipeline.ErrOrigin, name)
		require.ErrorContains(t, err, c.says, name)
		require.ErrorIs(t, newPipeline(t, oo).UnmarshalBinary(before), pipeline.ErrOrigin, name)
		require.Equal(t, before, marshal(t, p), name)
	}
	// One that was taken before there were filters is of a pipeline without.
	without := options(t, nil)
	q := newPipeline(t, without)
	old := beforeFilters(marshal(t, middle(t, without)))
	require.NoError(t, q.UnmarshalBinary(old))
	require.Equal(t, marshal(t, middle(t, without)), marshal(t, q))
	require.ErrorIs(t, p.UnmarshalBinary(old), pipeline.ErrOrigin)
}

func TestStateOfFiltersRefused(t *testing.T) {
	p := middle(t, filtering(t))
	before := marshal(t, p)
	at := bytes.LastIndex(before, []byte("SACFILTR")) - 8
	part, head := before[at:], before[:at-8]
	n := 8 + int(binary.LittleEndian.Uint64(part))
	cases := map[string]struct {
		part []byte
		says string
	}{
		"nothing":        {nil, "filters: expected the state of a refractory period, found 0 bytes"},
		"cut":            {part[:len(part)-1], "background filter state: it is damaged"},
		"cut earlier":    {part[:n-1], "filters: expected the state of a refractory period"},
		"no background":  {part[:n], "background filter state: expected 33 bytes or more, found 0"},
		"the other's":    {append(binary.LittleEndian.AppendUint64(nil, uint64(len(part)-n)), part[n:]...), `refractory filter state: at byte 0: expected "SACFILTR", found "SACFILTB"`},
		"no such length": {bytes.Repeat([]byte{0xff}, 8), "filters: expected"},
	}
	for name, c := range cases {
		b := append(binary.LittleEndian.AppendUint64(bytes.Clone(head), uint64(len(c.part))), c.part...)
		err := p.UnmarshalBinary(resum(b))
		require.ErrorContains(t, err, c.says, name)
		require.NotErrorIs(t, err, pipeline.ErrOrigin, name)
		require.Equal(t, before, marshal(t, p), name)
	}
	q := middle(t, options(t, nil))
	b := marshal(t, q)
	b = append(b[:len(b)-8], 1, 0, 0, 0, 0, 0, 0, 0, 'x')
	require.ErrorContains(t, q.UnmarshalBinary(resum(b)), "expected no state of filters, found 1 bytes")
	empty := newPipeline(t, filtering(t))
	b = marshal(t, empty)
	b = append(b[:len(b)-8], 1, 0, 0, 0, 0, 0, 0, 0, 'x')
	require.ErrorContains(t, empty.UnmarshalBinary(resum(b)), "expected no state of filters without a layer")
}
