package pipeline_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

func marshal(t testing.TB, p *pipeline.Pipeline) []byte {
	t.Helper()
	b, err := p.MarshalBinary()
	require.NoError(t, err)
	return b
}

// A stream that is stopped between any two messages, and continued by a pipeline
// that never saw what came before, gives the same bits.
func TestStateContinuesTheStream(t *testing.T) {
	models := []*model.Model{nil, newModel(t, 1), newModelOf(t, 1, nil, readout.Ridge)}
	for i, name := range slices.Sorted(maps.Keys(descriptors)) {
		models = append(models, newModelOf(t, 1, descriptors[name], readout.Methods()[1+i]))
	}
	models = append(models, networks(t)["raw"], networks(t)["readout"])
	rapid.Check(t, func(rt *rapid.T) {
		o := options(t, rapid.SampledFrom(models).Draw(rt, "model"))
		if o.Model == nil && rapid.Bool().Draw(rt, "layers") {
			o.Upper = upper()
		}
		drawLabels(rt, &o)
		var stream []*pipeline.Input
		for r := range rapid.IntRange(1, 3).Draw(rt, "recordings") {
			name := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "name")
			in := moving(uint64(r), rapid.IntRange(0, 400).Draw(rt, "events"), 0)
			stream = append(stream, cut(rt, t, in, name, "truth", rapid.Bool().Draw(rt, "end"))...)
		}
		seq := uint64(0)
		for _, m := range stream { // with gaps and repetitions
			seq += uint64(rapid.SampledFrom([]int{0, 1, 1, 1, 1, 1, 3}).Draw(rt, "next"))
			m.Session, m.Seq, m.HasSeq = "s", seq, true
		}
		whole, wantOut := newPipeline(t, o), &record{t: t}
		parts, gotOut := newPipeline(t, o), &record{t: t}
		target := 0 // of the message before which a model is set, and learning changed
		if o.Model != nil {
			target = rapid.IntRange(0, len(stream)).Draw(rt, "change")
		}
		for i, msg := range stream {
			if o.Model != nil && i == target {
				require.NoError(t, whole.SetModel(newModel(t, 2)))
				require.NoError(t, parts.SetModel(newModel(t, 2)))
				whole.SetLearning(false)
				parts.SetLearning(false)
			}
			if rapid.IntRange(0, 2).Draw(rt, "stop") == 0 {
				state := marshal(t, parts)
				parts = newPipeline(t, o)
				require.NoError(t, parts.UnmarshalBinary(state))
				require.Equal(t, state, marshal(t, parts))
			}
			require.Equal(t, wantOut.handle(whole, msg), gotOut.handle(parts, msg))
			requireSums(t, parts)
		}
		require.Equal(t, wantOut.answers, gotOut.answers)
		require.Equal(t, wantOut.labels, gotOut.labels)
		require.Equal(t, whole.Counters(), parts.Counters())
		require.Equal(t, marshal(t, whole), marshal(t, parts))
	})
}

// States that were written before there were descriptors and monitors go on as they
// went on then.
func TestStateOfVersionOne(t *testing.T) {
	old := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return b
	}
	p := newPipeline(t, options(t, nil))
	require.NoError(t, p.UnmarshalBinary(old("v1-learned.state")))
	require.Equal(t, "x", p.Recording())
	learned, err := p.Model()
	require.NoError(t, err)
	same, err := middle(t, options(t, nil)).Model()
	require.NoError(t, err)
	require.Equal(t, same, learned)

	o := options(t, newModel(t, 1))
	o.LabelEvery = 2 * time.Millisecond
	p = newPipeline(t, o)
	require.NoError(t, p.UnmarshalBinary(old("v1-model.state")))
	out := &record{t: t}
	m := named(message(t, mono.Name, moving(3, 300, 6000)), "x")
	m.Session, m.Seq, m.HasSeq, m.End = "s", 5, true, true
	require.Equal(t, pipeline.Processed, out.handle(p, m))
	// What the daemon of then made of the rest.
	label := func(kind pipeline.LabelKind, name string, confidence float64, first, last, events int64) pipeline.Label {
		return pipeline.Label{
			Kind: kind, Recording: "x", Label: name, Confidence: confidence,
			First: first, Last: last, Events: events, Seq: 5, HasSeq: true,
		}
	}
	require.Equal(t, []pipeline.Label{
		label(pipeline.KindInterval, "a", 0.40057507961819755, 4038, 6027, 88),
		label(pipeline.KindInterval, "c", 0.6284813967465309, 6058, 8056, 103),
		label(pipeline.KindInterval, "b", 0.49565418533891903, 8081, 10068, 107),
		label(pipeline.KindFinal, "b", 0.48965607364933905, 10089, 11868, 88),
	}, out.labels)
}

// States that were written before there were networks go on as they went on then.
func TestStateOfVersionTwo(t *testing.T) {
	old := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return b
	}
	o := options(t, nil)
	o.Upper = upper()
	p := newPipeline(t, o)
	require.NoError(t, p.UnmarshalBinary(old("v2-learned.state")))
	require.Equal(t, withoutDecoder(marshal(t, middle(t, o)), 5), marshal(t, p))

	o = options(t, newModelOf(t, 1, descriptors["bins"], readout.Ridge))
	o.LabelEvery, o.LabelMode = 2*time.Millisecond, pipeline.Running
	p = newPipeline(t, o)
	require.NoError(t, p.UnmarshalBinary(old("v2-model.state")))
	out := &record{t: t}
	m := named(message(t, mono.Name, moving(3, 300, 6000)), "x")
	m.Session, m.Seq, m.HasSeq, m.End = "s", 5, true, true
	require.Equal(t, pipeline.Processed, out.handle(p, m))
	// What the daemon of then made of the rest.
	require.Len(t, out.labels, 4)
	for i, want := range []pipeline.Label{
		{Kind: pipeline.KindRunning, Confidence: 0.34065586628335293, Last: 6027, Events: 302},
		{Kind: pipeline.KindRunning, Confidence: 0.34046677835983929, Last: 8056, Events: 405},
		{Kind: pipeline.KindRunning, Confidence: 0.34054855468552447, Last: 10068, Events: 512},
		{Kind: pipeline.KindFinal, Confidence: 0.50544236574597801, Last: 11868, Events: 600},
	} {
		want.Recording, want.Label, want.First, want.Seq, want.HasSeq = "x", "c", 20, 5, true
		require.Equal(t, want, out.labels[i])
	}
}

// A state with a network in the middle of a recording, and of a frame.
func TestStateOfVersionThree(t *testing.T) {
	old, err := os.ReadFile(filepath.Join("testdata", "v3-network.state"))
	require.NoError(t, err)
	o := options(t, networks(t)["last"])
	require.Equal(t, old, withoutDecoder(marshal(t, middle(t, o)), 3))
	p := newPipeline(t, o)
	require.NoError(t, p.UnmarshalBinary(old))
	out := &record{t: t}
	m := named(message(t, mono.Name, moving(3, 300, 6000)), "x")
	m.Session, m.Seq, m.HasSeq, m.End = "s", 5, true, true
	require.Equal(t, pipeline.Processed, out.handle(p, m))
	require.Len(t, out.labels, 11)
	for i, want := range map[int]pipeline.Label{
		0:  {Kind: pipeline.KindInterval, Confidence: 0.9997007378984754, First: 4920, Last: 5620, Events: 36, Seq: 4},
		6:  {Kind: pipeline.KindInterval, Confidence: 0.610021395852515, First: 9120, Last: 9820, Events: 39, Seq: 5},
		10: {Kind: pipeline.KindFinal, Confidence: 0.5317290334835535, First: 20, Last: 11868, Events: 600, Seq: 5},
	} {
		want.Recording, want.Label, want.HasSeq = "x", "y", true
		require.Equal(t, want, out.labels[i])
	}
}

// withoutDecoder is a state, in the layout of a version, in whose decoder's part stands that
// of an encoding that carries nothing from message to message, as if there were none.
func withoutDecoder(b []byte, version byte) []byte {
	b = bytes.TrimSuffix(b[:len(b)-8], // without filters
		append([]byte{byte(1 + len(mono.Name)), 0, 0, 0, 0, 0, 0, 0, byte(len(mono.Name))}, mono.Name...))
	for range max(version, 3) - 3 {
		b = binary.LittleEndian.AppendUint64(b, 0)
	}
	b[8] = version
	return resum(b)
}

// middle is a pipeline in the middle of a recording.
func middle(t testing.TB, o pipeline.Options) *pipeline.Pipeline {
	t.Helper()
	p, out := newPipeline(t, o), &record{t: t}
	m := named(message(t, mono.Name, moving(1, 300, 0)), "x")
	m.Session, m.Seq, m.HasSeq = "s", 4, true
	require.Equal(t, pipeline.Processed, out.handle(p, m))
	return p
}

func TestStateIsRefused(t *testing.T) {
	o := options(t, newModel(t, 1))
	p := middle(t, o)
	before := marshal(t, p)
	refusedOf := func(b []byte, why string, origin bool) {
		t.Helper()
		err := p.UnmarshalBinary(b)
		require.Error(t, err, why)
		require.ErrorContains(t, err, "pipeline state: ")
		require.Equal(t, origin, errors.Is(err, pipeline.ErrOrigin), "%s: %v", why, err)
		require.True(t, bytes.Equal(before, marshal(t, p)), "%s: a refused state changed the pipeline", why)
	}
	refused := func(b []byte, why string) {
		t.Helper()
		refusedOf(b, why, false)
	}
	for n := range len(before) {
		if n < 64 || n%97 == 0 || n > len(before)-64 {
			refused(before[:n], "truncated")
		}
	}
	for i := range before {
		if i < 64 || i%97 == 0 || i > len(before)-64 {
			b := bytes.Clone(before)
			b[i] ^= 1 << (i % 8)
			refused(b, "a bit is wrong")
		}
	}
	refused(append(bytes.Clone(before), 0), "longer")
	refused(resum(append(bytes.Clone(before), 0)), "longer, with the right checksum")

	// States of other pipelines are whole, and yet not this one's.
	for name, other := range map[string]func(*pipeline.Options){
		"another model":   func(o *pipeline.Options) { o.Model = newModel(t, 2) },
		"no model":        func(o *pipeline.Options) { o.Model = nil; o.Geometry = geometry },
		"without readout": func(o *pipeline.Options) { m := *o.Model; m.Readout = nil; o.Model = &m },
	} {
		oo := o
		other(&oo)
		refusedOf(marshal(t, middle(t, oo)), name, true)
	}
	// What it would learn from nothing is not what is configured now.
	o = options(t, nil)
	p = middle(t, o)
	before = marshal(t, p)
	for name, other := range map[string]func(*pipeline.Options){
		"another layer":    func(o *pipeline.Options) { o.Feast.Neurons++ },
		"another rate":     func(o *pipeline.Options) { o.Feast.Eta /= 2 },
		"another seed":     func(o *pipeline.Options) { o.Feast.Seed++ },
		"another pooling":  func(o *pipeline.Options) { o.Pool.CellWidth++ },
		"with a model":     func(o *pipeline.Options) { o.Model = newModel(t, 1) },
		"another geometry": nil,
	} {
		oo := o
		if other != nil {
			other(&oo)
			refusedOf(marshal(t, middle(t, oo)), name, true)
			continue
		}
		known := o
		known.Geometry = events.Geometry{Width: 20, Height: 20}
		q := newPipeline(t, known)
		was := marshal(t, q)
		err := q.UnmarshalBinary(before)
		require.ErrorContains(t, err, "12x10")
		require.ErrorIs(t, err, pipeline.ErrOrigin)
		require.Equal(t, was, marshal(t, q))
	}
}

// What does not change what a stream gives, or only what is asked for from now
// on, may be another: a state is for going on.
func TestStateOfOptionsThatMayChange(t *testing.T) {
	o := options(t, nil)
	state := marshal(t, middle(t, o))
	o.PacketEvents, o.LabelEvery, o.LabelMode, o.Geometry = 7, time.Second, pipeline.Running, geometry
	p := newPipeline(t, o)
	require.NoError(t, p.UnmarshalBinary(state))
	require.Equal(t, "x", p.Recording())

	// The geometry was not known then, and is now.
	empty := newPipeline(t, options(t, nil))
	p = newPipeline(t, o)
	require.NoError(t, p.UnmarshalBinary(marshal(t, empty)))
	require.Equal(t, geometry, p.Layer().Config().Geometry())
	out := &record{t: t}
	strange := message(t, mono.Name, moving(1, 5, 0))
	strange.Header.Geometry.Width++
	require.Equal(t, pipeline.Rejected, out.handle(p, strange))
}

// Learning that was switched stays so, unless the options ask for something else
// than they did then: a daemon that is started frozen does not learn.
func TestStateAndLearning(t *testing.T) {
	for _, c := range []struct{ asked, switched, asksNow, want bool }{
		{true, true, true, true},
		{true, false, true, false},
		{false, true, false, true},
		{true, true, false, false},
		{true, false, false, false},
		{false, false, true, true},
		{false, true, true, true},
	} {
		o := options(t, nil)
		o.Learning = c.asked
		p := middle(t, o)
		p.SetLearning(c.switched)
		state := marshal(t, p)
		o.Learning = c.asksNow
		p = newPipeline(t, o)
		require.NoError(t, p.UnmarshalBinary(state))
		require.Equal(t, c.want, p.Learning(), "%+v", c)
		require.Equal(t, c.want, p.Layer().Learning(), "%+v", c)
	}
}

// resum puts the right checksum on a state.
func resum(b []byte) []byte {
	const head = 16
	if len(b) >= head {
		binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[head:], crc32.MakeTable(crc32.Castagnoli)))
	}
	return b
}

// FuzzUnmarshalBinary gives states with the right checksum: they are refused and
// change nothing, or the pipeline goes on from them.
func FuzzUnmarshalBinary(f *testing.F) {
	o := options(f, nil)
	c := feast.Default()
	c.Neurons, c.Radius, c.Mode = 1, 0, feast.Merged
	o.Feast, o.Pool = c, pool.Config{CellWidth: 12, CellHeight: 12}
	seed := marshal(f, middle(f, o))
	f.Add(seed)
	f.Add(marshal(f, newPipeline(f, o)))
	f.Add([]byte("SACSTATE"))
	f.Add(seed[:len(seed)/2])
	f.Add(bytes.Replace(seed, []byte(`"open":true`), []byte(`"open":1   `), 1))
	f.Add(marshal(f, carrying(f, o)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := middle(t, o)
		before := marshal(t, p)
		if err := p.UnmarshalBinary(resum(b)); err != nil {
			require.Equal(t, before, marshal(t, p))
			return
		}
		out := &record{t: t}
		again := marshal(t, p)
		require.NoError(t, p.UnmarshalBinary(again))
		for _, encoding := range []string{"evt3", mono.Name} {
			m := message(t, encoding, moving(2, 50, 100))
			m.Header.Geometry = events.Geometry{}
			m.End = true
			out.handle(p, m)
		}
	})
}
