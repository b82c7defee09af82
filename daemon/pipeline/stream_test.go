package pipeline_test

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	"github.com/saccade-dev/saccade/events/prophesee"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
)

// anyOptions are options of any kind: layers, descriptors, readouts, networks, labels.
func anyOptions(t testing.TB, models []*model.Model, rng *rand.Rand) pipeline.Options {
	t.Helper()
	o := options(t, models[rng.IntN(len(models))])
	if rng.IntN(3) == 0 {
		o.Model, o.Feast = nil, anyLayer(rng)
		if rng.IntN(2) == 0 {
			o.Upper = upper()
		}
		if rng.IntN(2) == 0 {
			o.Geometry = geometry
		}
	}
	if rng.IntN(2) == 0 {
		m := monitor.DefaultOptions(feastConfig())
		m.Sample, m.Interval, m.Points = 16, 32, 8
		o.Monitor = &m
	}
	if rng.IntN(2) == 0 {
		o.Filters.Refractory = one(rng, 0, time.Microsecond, 200*time.Microsecond, 5*time.Millisecond)
		o.Filters.Background = one(rng, 0, 20*time.Microsecond, time.Millisecond, time.Second)
	}
	o.PacketEvents = one(rng, 1, 7, 64, 1000)
	o.Learning = rng.IntN(3) > 0
	o.LabelEvery = one(rng, 0, time.Millisecond, 3*time.Millisecond, time.Second)
	o.LabelEvents = one[int64](rng, 0, 1, 7, 50, 1000)
	if o.LabelEvery > 0 || o.LabelEvents > 0 || o.Model != nil && o.Model.Network != nil {
		o.LabelMode = one(rng, "", pipeline.Interval, pipeline.Running)
	}
	return o
}

// anyLayer is a layer whose surface, noise filter, rates and inference are any.
func anyLayer(rng *rand.Rand) feast.Config {
	c := feastConfig()
	c.Seed = rng.Uint64()
	c.Mode = one(rng, feast.Split, feast.Merged, feast.On)
	c.Border = one(rng, feast.BorderSkip, feast.BorderZero)
	c.Inference = one(rng, "", feast.Nearest, feast.Thresholds)
	c.Tau = time.Duration(1+rng.IntN(5000)) * time.Microsecond
	if c.Decay = one(rng, "", feast.DecayExponential, feast.DecayLinear, feast.DecayIndex); c.Decay == feast.DecayIndex {
		c.Last = 1 + rng.IntN(60)
	}
	if rng.IntN(2) == 0 {
		c.MinRecent = 1 + rng.IntN(4)
	}
	if rng.IntN(2) == 0 {
		c.Anneal = feast.Anneal{Every: 1 + uint64(rng.IntN(90)), Factor: 0.8, Floor: 0.1}
	}
	return c
}

func one[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// moment is a message of a stream, and what is asked of the pipeline before it.
type moment struct {
	message *pipeline.Input
	model   *model.Model // to be put in, nil for none
	learn   int          // 1: learning is turned on, -1: off
}

func (m *moment) ask(t testing.TB, p *pipeline.Pipeline) {
	t.Helper()
	if m.model != nil {
		err := p.SetModel(m.model)
		// A pipeline that knew no geometry may have taken that of a spoiled message.
		if layer := p.Layer(); layer != nil && layer.Config().Geometry() != m.model.Feast.Geometry() {
			require.ErrorContains(t, err, "the model is for")
		} else {
			require.NoError(t, err)
		}
	}
	if m.learn != 0 {
		p.SetLearning(m.learn > 0)
	}
}

// anyStream is what sensors and senders may give: recordings and streams in every encoding,
// in messages of any size, damaged, lost, repeated, late and early ones, of other
// geometries and encodings, and new senders.
func anyStream(t testing.TB, models []*model.Model, rng *rand.Rand) (out []moment) {
	t.Helper()
	session, seq := "s", uint64(0)
	for range 1 + rng.IntN(3) {
		recording, truth := one(rng, "", "x", "y", "\xff<&>\u2028"), one(rng, "", "1", "\xc0")
		part := anyMessages(t, rng)
		if len(part) > 0 && rng.IntN(2) == 0 {
			part[len(part)-1].End = true
		}
		for _, m := range part {
			m.Recording, m.Truth = recording, truth
			spoil(m, rng)
			switch m.HasSeq = true; rng.IntN(40) {
			case 0:
				session, seq = one(rng, "", "s", "t", "\xfe"), 0
			case 1, 2:
				seq += uint64(rng.IntN(4)) // lost
			case 3, 4:
				seq -= min(seq, uint64(rng.IntN(6))) // again, or late
			case 5: // early
				m.Session, m.Seq, m.HasOldest, m.Oldest = session, seq+1, true, seq
				out = append(out, moment{message: m})
				continue
			case 6:
				m.HasSeq = false
			case 7:
				seq = one(rng, seq, math.MaxUint64, math.MaxUint64-1)
			}
			m.Session, m.Seq = session, seq
			if m.HasSeq {
				seq++
			}
			out = append(out, moment{message: m})
		}
	}
	for i := range out {
		switch rng.IntN(25) {
		case 0:
			out[i].model = one(rng, models...)
		case 1, 2:
			out[i].learn = one(rng, 1, -1)
		}
	}
	return out
}

// spoil does to a message what must not happen, now and then.
func spoil(m *pipeline.Input, rng *rand.Rand) {
	switch n := len(m.Payload); rng.IntN(24) {
	case 0:
		m.Encoding = one(rng, "none", "stuck", "mono", "evt3", "libcaer")
	case 1:
		m.Header.Geometry = one(rng, events.Geometry{}, events.Geometry{Width: 13, Height: 10}, events.Geometry{Width: -1, Height: 5})
	case 2:
		m.Payload = m.Payload[:rng.IntN(n+1)]
	case 3, 4:
		if n > 0 {
			m.Payload = slices.Clone(m.Payload)
			m.Payload[rng.IntN(n)] ^= 1 << rng.IntN(8)
		}
	case 5:
		m.Header.TimeBase = one(rng, 0, rng.Int64(), math.MaxInt64, 5<<24*1000, -3<<34*1000)
	}
}

// anyMessages are messages of events in some encoding, as our encoders make them or as a
// camera sends its words, cut anywhere. Clocks run over in some.
func anyMessages(t testing.TB, rng *rand.Rand) (out []*pipeline.Input) {
	t.Helper()
	name, camera := strings.CutSuffix(one(rng, "mono", "nmnist", "libcaer", "evt2", "evt3",
		"evt2 words", "evt3 words", "evt3 words", "evt21 words", "evt21-legacy words"), " words")
	turn := int64(1 << 34)
	if name == "evt3" {
		turn = 1 << 24
	}
	in := moving(rng.Uint64(), rng.IntN(300), one(rng, 100, turn-3000, 3*turn-1000))
	var words []byte
	var word int
	switch {
	case !camera:
		return encoded(t, name, in, rng)
	case name == "evt2" || name == "evt3":
		// A camera's clock does not go back over the start of a turn.
		slices.SortStableFunc(in, func(a, b events.Event) int { return cmp.Compare(a.T, b.T) })
		file := formattest.Write(t, name, events.Geometry{}, in)
		h, _, err := prophesee.ParseHeader(file, true)
		require.NoError(t, err)
		words, word = file[h.Bytes:], map[string]int{"evt2": 4, "evt3": 2}[name]
	default:
		words, word = evt21Words(in, name == "evt21-legacy"), 8
	}
	for len(words) > 0 {
		n := min(len(words), word*(1+rng.IntN(100)))
		if rng.IntN(30) == 0 {
			n = 1 + rng.IntN(n) // in the middle of a word
		}
		out = append(out, &pipeline.Input{Encoding: name, Header: events.MessageHeader{Geometry: geometry}, Payload: words[:n]})
		words = words[n:]
	}
	return out
}

func encoded(t testing.TB, name string, in []events.Event, rng *rand.Rand) (out []*pipeline.Input) {
	t.Helper()
	encoder := formattest.Encoding(t, name).NewEncoder()
	for len(in) > 0 {
		some := in[:min(len(in), 1+rng.IntN(60))]
		first := slices.MinFunc(some, func(a, b events.Event) int { return int(a.T - b.T) }).T
		h := events.MessageHeader{Geometry: geometry, TimeBase: encoder.TimeBase(first)}
		data, n, err := encoder.Encode(h, nil, some)
		require.NoError(t, err)
		if n == 0 { // a step back over a turn, or below the time base: by itself
			h.TimeBase = encoder.TimeBase(some[0].T)
			data, n, err = encoder.Encode(h, nil, some[:1])
			require.NoError(t, err)
		}
		out = append(out, &pipeline.Input{Encoding: name, Header: h, Payload: data})
		in = in[n:]
	}
	return out
}

// evt21Words are the words of EVT 2.1, each with an event and the pixels right of it.
func evt21Words(in []events.Event, legacy bool) (b []byte) {
	high := int64(-1)
	put := func(w uint64) {
		if legacy {
			w = w<<32 | w>>32
		}
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	for _, e := range in {
		if h := e.T >> 6 & (1<<28 - 1); h != high {
			high = h
			put(8<<60 | uint64(h)<<32)
		}
		put(uint64(e.P)<<60 | uint64(e.T&63)<<54 | uint64(e.X)<<43 | uint64(e.Y)<<32 | uint64(1|e.T&2|e.T&8))
	}
	return b
}
