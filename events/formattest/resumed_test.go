package formattest_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// A stream that another decoder takes up between any two messages goes on as if nothing
// had been, in every encoding there is.
func TestResumed(t *testing.T) {
	names := events.EncodingNames()
	require.Subset(t, names, []string{"evt2", "evt21", "evt21-legacy", "evt3", "libcaer", "mono", "nmnist"})
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			e := formattest.Encoding(t, name)
			cameras := cameraWords(t, filepath.Join("..", "prophesee", "testdata", "corpus", strings.ReplaceAll(name, "-", "_")+"_*.raw"))
			carried := map[string]bool{}
			rapid.Check(t, func(t *rapid.T) {
				rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0x5e))
				var stream []formattest.Part
				for range 1 + rng.IntN(4) {
					switch k := rng.IntN(3); {
					case k == 0 && e.NewEncoder != nil:
						stream = append(stream, encoded(t, e, rng)...)
					case k == 1 && len(cameras) > 0:
						stream = append(stream, cutAnywhere(cameras[rng.IntN(len(cameras))], rng)...)
					default:
						stream = append(stream, cutAnywhere(anyWords(rng), rng)...)
					}
				}
				for i := range stream {
					stream[i].Data = damaged(stream[i].Data, rng)
				}
				formattest.Resumed(t, e, stream, rng)
				d := e.NewDecoder()
				for _, m := range stream {
					formattest.DecodeAll(t, d, m.Header, m.Data, 100)
					carried[string(formattest.StateOf(t, d))] = true
				}
			})
			if strings.HasPrefix(name, "evt") {
				require.Greater(t, len(carried), 100, "streams after which much is carried")
			} else {
				require.Len(t, carried, 1, "nothing is carried")
			}
		})
	}
}

// The same of what real cameras sent, in messages of the size that they are sent in.
func TestResumedOnRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	for _, name := range []string{"evt2", "evt3"} {
		for i, words := range cameraWords(t, filepath.Join(data, "recordings", name, "*.raw")) {
			rng := rand.New(rand.NewPCG(uint64(i), 0x5e))
			words = words[:min(len(words), 4<<20)]
			h := events.MessageHeader{Geometry: events.Geometry{Width: 1280, Height: 720}}
			var stream []formattest.Part
			for len(words) > 0 {
				n := min(len(words), 1+rng.IntN(64<<10))
				stream = append(stream, formattest.Part{Header: h, Data: words[:n&^3]})
				if words = words[n&^3:]; n < 4 {
					break
				}
			}
			formattest.Resumed(t, formattest.Encoding(t, name), stream, rng)
			t.Logf("%s: file %d: %d messages", name, i, len(stream))
		}
	}
}

// cameraWords are the words of RAW files, without their headers.
func cameraWords(t *testing.T, glob string) (words [][]byte) {
	t.Helper()
	files, err := filepath.Glob(glob)
	require.NoError(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		h, _, err := prophesee.ParseHeader(raw, true)
		require.NoError(t, err)
		words = append(words, raw[h.Bytes:])
	}
	return words
}

// encoded are messages as our own encoder makes them, of times that may go a turn of a
// clock on or back.
func encoded(t require.TestingT, e *events.Encoding, rng *rand.Rand) (out []formattest.Part) {
	g := events.Geometry{Width: 34, Height: 34}
	at := rng.Int64N(1 << 36)
	var in []events.Event
	for range rng.IntN(200) {
		at += [...]int64{0, 1, rng.Int64N(100), rng.Int64N(1 << 12), rng.Int64N(1 << 23)}[rng.IntN(5)]
		in = append(in, events.Event{T: at, X: uint16(rng.IntN(g.Width)), Y: uint16(rng.IntN(g.Height)), P: events.Polarity(rng.IntN(2))})
	}
	encoder := e.NewEncoder()
	for len(in) > 0 {
		h := events.MessageHeader{Geometry: g, TimeBase: encoder.TimeBase(in[0].T)}
		data, n, err := encoder.Encode(h, nil, in[:min(len(in), 1+rng.IntN(20))])
		require.NoError(t, err)
		if rng.IntN(8) == 0 {
			h.TimeBase = 0
		}
		out = append(out, formattest.Part{Header: h, Data: data})
		in = in[n:]
	}
	return out
}

// cutAnywhere makes messages of a stream of bytes, with geometries and time bases of any kind.
func cutAnywhere(data []byte, rng *rand.Rand) (out []formattest.Part) {
	h := events.MessageHeader{Geometry: events.Geometry{Width: 1280, Height: 720}}
	word := 1 << rng.IntN(4)
	for len(data) > 0 {
		switch rng.IntN(12) {
		case 0:
			h.Geometry = events.Geometry{Width: 1 + rng.IntN(2500), Height: 1 + rng.IntN(2500)}
		case 1:
			h.TimeBase = [...]int64{0, rng.Int64(), -rng.Int64(), rng.Int64N(100) << 24 * 1000, rng.Int64N(100) << 34 * 1000}[rng.IntN(5)]
		}
		n := min(len(data), word*(1+rng.IntN(100)))
		out = append(out, formattest.Part{Header: h, Data: data[:n]})
		data = data[n:]
	}
	return out
}

// anyWords are bytes of which many are words that encodings have, of 16, 32 or 64 bits.
func anyWords(rng *rand.Rand) (out []byte) {
	word := 2 << rng.IntN(3)
	for range rng.IntN(300) {
		b := binary.LittleEndian.AppendUint64(nil, rng.Uint64())[:word]
		if rng.IntN(3) > 0 {
			b[word-1] = b[word-1]&0xf | [...]byte{0, 1, 2, 3, 4, 5, 6, 8, 8, 8, 0xa}[rng.IntN(11)]<<4
		}
		out = append(out, b...)
	}
	return out
}

// damaged is a message as it is, or with a wrong bit, or cut off.
func damaged(data []byte, rng *rand.Rand) []byte {
	if len(data) == 0 || rng.IntN(4) > 0 {
		return data
	}
	if rng.IntN(2) == 0 {
		return data[:rng.IntN(len(data))]
	}
	bad := append([]byte(nil), data...)
	bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
	return bad
}

// resuming is a decoder that adds up the bytes of all messages: each event's time is the
// sum so far. Its state is right, or wrong in the way that fault says.
type resuming struct {
	fault string
	sum   byte
}

func (d *resuming) Reset() { d.sum = 0 }

func (d *resuming) Decode(_ events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	n := min(len(data), p.Room())
	for _, b := range data[:n] {
		d.sum += b
		p.Events = append(p.Events, events.Event{T: int64(d.sum)})
	}
	return n, nil
}

// stated is one that has a state.
type stated struct{ resuming }

func (d *stated) MarshalBinary() ([]byte, error) {
	if d.fault == "forgets" {
		return []byte{0}, nil
	}
	return []byte{d.sum}, nil
}

func (d *stated) UnmarshalBinary(b []byte) error {
	switch {
	case d.fault == "takes anything" && len(b) > 0:
	case d.fault == "changes first" && len(b) > 1:
		d.sum = b[1] + 1
		fallthrough
	case len(b) != 1:
		return errors.New("expected a byte")
	}
	d.sum = b[0]
	if d.fault == "puts another back" {
		d.sum++
	}
	return nil
}

// Decoders whose states are wrong in one way each, and what is said to them.
func TestResumedFinds(t *testing.T) {
	resumed := func(fault string, stateless bool) string {
		e := &events.Encoding{Name: "sums", NewDecoder: func() events.Decoder {
			if d := (resuming{fault: fault}); stateless {
				return &d
			} else {
				return &stated{d}
			}
		}}
		rng := rand.New(rand.NewPCG(1, 1))
		var stream []formattest.Part
		for range 50 {
			stream = append(stream, formattest.Part{
				Header: events.MessageHeader{Geometry: events.Geometry{Width: 1, Height: 1}}, Data: []byte{1, 2, byte(rng.Uint32())},
			})
		}
		return told(func(t require.TestingT) { formattest.Resumed(t, e, stream, rng) })
	}
	require.Empty(t, resumed("", false), "a sound one")
	require.Contains(t, resumed("", true), "with the state of another decoder")
	require.Contains(t, resumed("forgets", false), "with the state of another decoder")
	require.Contains(t, resumed("takes anything", false), "a state that cannot be is refused")
	require.Contains(t, resumed("changes first", false), "a refused state changes nothing")
	require.Contains(t, resumed("puts another back", false), "a state that is put back is given again")
}
