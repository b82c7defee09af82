package pipeline_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
)

// words is a message of words of EVT 3.0.
func words(w ...uint16) *pipeline.Input {
	m := &pipeline.Input{Encoding: "evt3", Header: events.MessageHeader{Geometry: geometry}}
	for _, v := range w {
		m.Payload = binary.LittleEndian.AppendUint16(m.Payload, v)
	}
	return m
}

// carrying is a pipeline whose decoder is in its second turn, in a row, behind a base of
// vectors that are ON.
func carrying(t testing.TB, o pipeline.Options) *pipeline.Pipeline {
	t.Helper()
	p, out := newPipeline(t, o), &record{t: t}
	m := words(0x8fff, 0x6fff, 0x0004, 0x2801, 0x8000, 0x6123, 0x2003, 0x3802)
	m.Session, m.Seq, m.HasSeq, m.Recording, m.Truth = "s", 4, true, "\xff", "5"
	require.Equal(t, pipeline.Processed, out.handle(p, m))
	require.Len(t, out.answers, 2)
	return p
}

// A state with a decoder in the middle of a row, in the second turn of its clock.
func TestStateOfVersionFour(t *testing.T) {
	stored, err := os.ReadFile(filepath.Join("testdata", "v4-evt3.state"))
	require.NoError(t, err)
	o := options(t, nil)
	require.Equal(t, stored, beforeFilters(marshal(t, carrying(t, o))))
	p, out := newPipeline(t, o), &record{t: t}
	require.NoError(t, p.UnmarshalBinary(stored))
	require.Equal(t, "\xff", p.Recording())
	m := words(0x5081, 0x4001, 0x6124, 0x2005)
	m.Session, m.Seq, m.HasSeq, m.Recording, m.Truth = "s", 5, true, "\xff", "5"
	require.Equal(t, pipeline.Processed, out.handle(p, m))
	const turn = 1 << 24
	got := make([]events.Event, len(out.answers))
	for i, a := range out.answers {
		got[i] = a.event
	}
	require.Equal(t, []events.Event{
		{T: turn + 0x123, X: 2, Y: 4, P: events.On},
		{T: turn + 0x123, X: 9, Y: 4, P: events.On},
		{T: turn + 0x123, X: 10, Y: 4, P: events.On},
		{T: turn + 0x124, X: 5, Y: 4},
	}, got)
	require.Zero(t, p.Counters().Recordings, "the recording goes on")
}

// Of a state from before there were decoders in it, the decoder begins anew.
func TestStateWithoutDecoder(t *testing.T) {
	o := options(t, nil)
	b := marshal(t, carrying(t, o))
	n := len(decoderPart(b))
	b = b[:len(b)-8-n]
	b[8] = 3
	p, out := newPipeline(t, o), &record{t: t}
	require.NoError(t, p.UnmarshalBinary(resum(b)))
	m := words(0x5081, 0x4001, 0x8000, 0x6005, 0x0001, 0x2001)
	m.Recording = "\xff"
	out.handle(p, m)
	require.Len(t, out.answers, 1)
	require.Equal(t, events.Event{T: 5, X: 1, Y: 1}, out.answers[0].event)
}

// beforeFilters is the state of a pipeline without filters as it was before there were any.
func beforeFilters(b []byte) []byte {
	b = bytes.Clone(b[:len(b)-8])
	b[8] = 4
	return resum(b)
}

// decoderPart is the last part of the state of [carrying].
func decoderPart(b []byte) []byte { return b[bytes.LastIndex(b, []byte("\x04evt3\x01\x04evt3")):] }

func TestStateOfDecoderRefused(t *testing.T) {
	o := options(t, nil)
	p := carrying(t, o)
	before := marshal(t, p)
	old := beforeFilters(before)
	part := decoderPart(old)
	head := old[:len(old)-8-len(part)]
	for name, x := range map[string]struct {
		part []byte
		says string
	}{
		"cut":            {part[:len(part)-1], "evt3 decoder state: from byte 83: expected 7 bytes, found 6"},
		"longer":         {append(bytes.Clone(part), 0), "expected 7 bytes, found 8"},
		"name cut":       {part[:3], "decoder: expected an encoding's name of 4 bytes, found 2"},
		"no state":       {part[:5], "expected an encoding's name, found the end"},
		"unknown":        {[]byte("\x05morse"), `decoder: unknown encoding "morse"`},
		"no name":        {[]byte{0}, `decoder: unknown encoding ""`},
		"another's":      {append([]byte("\x04evt2"), part[5:]...), `expected the encoding "evt2", found "evt3"`},
		"of a stateless": {[]byte("\x04monox"), "decoder: expected nothing that mono carries from message to message, found 1 bytes"},
	} {
		b := binary.LittleEndian.AppendUint64(bytes.Clone(head), uint64(len(x.part)))
		err := p.UnmarshalBinary(resum(append(b, x.part...)))
		require.ErrorContains(t, err, "pipeline state: ", name)
		require.ErrorContains(t, err, x.says, name)
		require.NotErrorIs(t, err, pipeline.ErrOrigin, name)
		require.Equal(t, before, marshal(t, p), name)
	}
}

// An output that fails leaves a message half decoded, maybe in the middle of a word. The rest
// of it is as good as missing; the next message's first word is not taken for it, and the
// state can be taken.
func TestOutputFailsAmidAWord(t *testing.T) {
	o := options(t, nil)
	o.PacketEvents = 3
	p, out := newPipeline(t, o), &record{t: t}
	out.failing = errors.New("nobody listens")
	_, err := p.Handle(words(0x8001, 0x6005, 0x0002, 0x3001, 0x40ff, 0x8002), out)
	require.ErrorIs(t, err, out.failing)
	out.failing = nil
	q := newPipeline(t, o)
	require.NoError(t, q.UnmarshalBinary(marshal(t, p)))
	for _, p := range []*pipeline.Pipeline{p, q} {
		out.answers = nil
		require.Equal(t, pipeline.Processed, out.handle(p, words(0x4001, 0x2003, 0x8003, 0x6001, 0x0001, 0x2002)))
		require.Len(t, out.answers, 1, "time, row and base were in what is missing")
		require.Equal(t, events.Event{T: 3<<12 + 1, X: 2, Y: 1}, out.answers[0].event)
	}
	// One that failed behind the whole message has lost nothing.
	p = newPipeline(t, o)
	out.failing = errors.New("nobody listens")
	_, err = p.Handle(words(0x8001, 0x6005, 0x0002, 0x2001), out)
	require.ErrorIs(t, err, out.failing)
	out.failing, out.answers = nil, nil
	out.handle(p, words(0x2002))
	require.Len(t, out.answers, 1)
	require.Equal(t, events.Event{T: 1<<12 + 5, X: 2, Y: 2}, out.answers[0].event)
}

// Where the stream stands is looked at before a pipeline stands there.
func TestStateOfAPlaceThatCannotBe(t *testing.T) {
	p := middle(t, options(t, nil))
	before := marshal(t, p)
	const head = 16
	n := binary.LittleEndian.Uint64(before[head:])
	text, rest := before[head+8:head+8+n], before[head+8+n:]
	many := bytes.Repeat([]byte(`{"from":1,"to":1},`), 65)
	for says, x := range map[string][2]string{
		"events: expected 0 or more, found -1":              {`"events":300,"seq"`, `"events":-1,"seq"`},
		"all: expected 0 or more, found -300":               {`"all":300`, `"all":-300`},
		"gaps: expected at most 64, found 65":               {`"counted":true`, `"counted":true,"skipped":[` + string(many[:len(many)-1]) + `]`},
		"gaps: expected numbers below 5, found 3 to 5":      {`"counted":true`, `"counted":true,"skipped":[{"from":3,"to":5}]`},
		"gaps: expected numbers below 5, found 3 to 2":      {`"counted":true`, `"counted":true,"skipped":[{"from":3,"to":2}]`},
		"where the stream stands: expected the end at byte": {`"asked":true}`, `"asked":true}{}`},
		`unknown field "else"`:                              {`"asked":true}`, `"asked":true,"else":1}`},
		"json: cannot unmarshal":                            {`"open":true`, `"open":1`},
	} {
		require.Equal(t, 1, bytes.Count(text, []byte(x[0])), x[0])
		bad := bytes.Replace(text, []byte(x[0]), []byte(x[1]), 1)
		b := binary.LittleEndian.AppendUint64(bytes.Clone(before[:head]), uint64(len(bad)))
		err := p.UnmarshalBinary(resum(append(append(b, bad...), rest...)))
		require.ErrorContains(t, err, says)
		require.NotErrorIs(t, err, pipeline.ErrOrigin)
		require.Equal(t, before, marshal(t, p))
	}
}

// The gaps that a pipeline remembers are those that one goes on with, however many there were.
func TestGapsAreRestored(t *testing.T) {
	p, out := newPipeline(t, options(t, nil)), &record{t: t}
	handle := func(seq uint64) pipeline.Outcome {
		m := message(t, mono.Name, moving(1, 1, 0))
		m.Session, m.Seq, m.HasSeq = "a", seq, true
		return out.handle(p, m)
	}
	for i := range uint64(100) {
		require.Equal(t, pipeline.Processed, handle(2*i))
		state := marshal(t, p)
		p = newPipeline(t, options(t, nil))
		require.NoError(t, p.UnmarshalBinary(state))
	}
	for seq := range uint64(198) {
		want := pipeline.Duplicate
		if seq%2 == 1 && seq >= 198-2*64 {
			want = pipeline.Rejected // one of the latest 64 that never came
		}
		require.Equal(t, want, handle(seq), "%d", seq)
	}
}
