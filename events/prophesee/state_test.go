package prophesee_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/prophesee"
)

var names = []string{"evt2", "evt3", "evt21", "evt21-legacy"}

// carrying is a decoder of EVT 3.0 in its second turn, with a row, a vector base that is ON
// and a few words counted.
func carrying(t testing.TB) *prophesee.Decoder {
	d := decoder(t, formattest.Encoding(t, "evt3").NewDecoder())
	words := []byte{1, 0x40, 0xff, 0x8f, 5, 0x60, 7, 0, 8, 0x38, 1, 0x40, 1, 0xa0, 0x99, 0x99, 2, 0x80, 0x34, 0x62, 1, 0x50}
	in, damage := formattest.DecodeAll(t, d, events.MessageHeader{Geometry: wide}, words, 10)
	require.Empty(t, damage)
	require.Equal(t, []events.Event{{T: 0xfff005, X: 8, Y: 7, P: events.On}, {T: 1<<24 + 0x2234, X: 20, Y: 7, P: events.On}}, in)
	return d
}

// The layout is what daemons have stored: it does not change without a version.
func TestStateLayout(t *testing.T) {
	state, err := carrying(t).MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, "01"+"04"+hex.EncodeToString([]byte("evt3"))+
		"01"+"02000000"+"0000000100000000"+"0020000100000000"+ // the second turn, its third high part
		"0100000000000000"+"0000000000000000"+"0000000000000000"+"0100000000000000"+"0000000000000000"+"0100000000000000"+"0200000000000000"+
		"03"+"3402"+"0700"+"1c00", hex.EncodeToString(state))
}

func TestStateRefused(t *testing.T) {
	d := carrying(t)
	state, err := d.MarshalBinary()
	require.NoError(t, err)
	const clock, counts, carried = 6, 27, 83
	for name, x := range map[string]struct {
		at   int
		b    string
		says string
	}{
		"version":        {0, "02", "evt3 decoder state: at byte 0: expected version 1, found 2"},
		"length of name": {1, "ff", "expected an encoding's name, found the end"},
		"name":           {2, "65767432", `at byte 2: expected the encoding "evt3", found "evt2"`},
		"flags":          {clock, "09", "at byte 6: expected flags of a clock, found 9"},
		"known and lost": {clock, "03", "expected flags of a clock, found 3"},
		"high part":      {clock + 1, "00100000", "expected a high part below 4096, found 4096"},
		"turns":          {clock + 5, "01", "expected whole turns of 16777216 us, found 16777217"},
		"base":           {clock + 13, "01", "expected a base at 8192 us of a turn, found 16785409"},
		"another turn":   {clock + 13, "00200002", "expected a base at 8192 us of a turn"},
		"no time":        {clock, "00", "expected no time, as there has been no high part of it"},
		"count":          {counts + 7, "80", "at byte 27: expected a count, found -"},
		"carried flags":  {carried, "04", "from byte 83: expected flags of time and polarity, found 4"},
		"low part":       {carried + 1, "0010", "expected a low part of time to 4095, found 4096"},
		"row":            {carried + 3, "0108", "expected a row to 2047, or 2048 for none, found 2049"},
		"vectors":        {carried + 5, "0108", "expected a base of vectors to 2048, found 2049"},
		"ON of nothing":  {carried + 5, "ffff", "expected no polarity of vectors without their base"},
		"time after all": {clock, "02", "expected no time without its high part, found the low part 564"},
	} {
		b, err := hex.DecodeString(x.b)
		require.NoError(t, err)
		bad := bytes.Clone(state)
		copy(bad[x.at:], b)
		require.ErrorContains(t, d.UnmarshalBinary(bad), x.says, name)
		require.Equal(t, state, formattest.StateOf(t, d), name)
	}
	for n := range state {
		require.Error(t, d.UnmarshalBinary(state[:n]), "%d bytes", n)
	}
	for _, name := range names {
		require.Equal(t, name == "evt3", decoder(t, formattest.Encoding(t, name).NewDecoder()).UnmarshalBinary(state) == nil, name)
	}
	evt2 := decoder(t, formattest.Encoding(t, "evt2").NewDecoder())
	require.ErrorContains(t, evt2.UnmarshalBinary(append(formattest.StateOf(t, evt2), 1)), "from byte 83: expected the end, found 1 bytes more")
}

// A word that waits for room is no place to take a state; the message's end is, and so is
// the beginning of another.
func TestStateAmidAWord(t *testing.T) {
	for name, words := range map[string][]byte{
		"evt3":         {1, 0x80, 5, 0x60, 7, 0, 8, 0x38, 0xff, 0x4f},
		"evt21":        {0, 0, 0, 0, 1, 0, 0, 0x80, 0xff, 0, 0, 0, 7, 0x40, 0, 0},
		"evt21-legacy": {1, 0, 0, 0x80, 0, 0, 0, 0, 7, 0x40, 0, 0, 0xff, 0, 0, 0},
	} {
		d, h := decoder(t, formattest.Encoding(t, name).NewDecoder()), events.MessageHeader{Geometry: wide}
		before := formattest.StateOf(t, d)
		p := events.NewPacket(5)
		n, err := d.Decode(h, words, p)
		require.NoError(t, err)
		require.Less(t, n, len(words))
		require.Len(t, p.Events, 5)
		_, err = d.MarshalBinary()
		require.ErrorIs(t, err, prophesee.ErrAmid)
		// A state ends the word.
		require.NoError(t, d.UnmarshalBinary(before))
		require.Equal(t, before, formattest.StateOf(t, d))
		again, damage := formattest.DecodeAll(t, d, h, words, 5)
		require.Empty(t, damage)
		fresh, _ := formattest.DecodeAll(t, formattest.Encoding(t, name).NewDecoder(), h, words, 100)
		require.Equal(t, fresh, again)
	}
}

// Triggers go on counting, and go where they went.
func TestStateAndTriggers(t *testing.T) {
	d := carrying(t)
	next := decoder(t, formattest.Encoding(t, "evt3").NewDecoder())
	var got []events.Trigger
	next.OnTrigger(func(g events.Trigger) { got = append(got, g) })
	require.NoError(t, next.UnmarshalBinary(formattest.StateOf(t, d)))
	formattest.DecodeAll(t, next, events.MessageHeader{Geometry: wide}, []byte{1, 0xa2}, 10)
	require.Equal(t, []events.Trigger{{T: 1<<24 + 0x2234, ID: 2, Rising: true, After: 2}}, got)
	require.EqualValues(t, 2, next.Skipped()["external trigger"])
}

// Whatever bytes are given for a state, they are refused and change nothing, or are given
// again, and the decoder goes on from them as any decoder does.
func FuzzState(f *testing.F) {
	f.Add(formattest.StateOf(f, carrying(f)), []byte{1, 0x80, 2, 0x60, 3, 0, 4, 0x28}, uint8(1))
	for i, name := range names {
		f.Add(formattest.StateOf(f, formattest.Encoding(f, name).NewDecoder()), []byte{5, 0x18, 0xc0, 0x1f, 1, 0, 0, 0x80}, uint8(i))
	}
	f.Add([]byte{1, 200, 'e'}, []byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, state, words []byte, which uint8) {
		d := decoder(t, formattest.Encoding(t, names[int(which)%len(names)]).NewDecoder())
		h := events.MessageHeader{Geometry: events.Geometry{Width: 640, Height: 480}}
		formattest.DecodeAll(t, d, h, []byte{1, 0x80, 2, 0x60, 3, 0, 4, 0x28, 5, 0x38}, 10)
		before := formattest.StateOf(t, d)
		if err := d.UnmarshalBinary(state); err != nil {
			require.Equal(t, before, formattest.StateOf(t, d))
			return
		}
		require.Equal(t, state, formattest.StateOf(t, d))
		formattest.DecodeAll(t, d, h, words, 20)
		after := formattest.StateOf(t, d)
		require.NoError(t, d.UnmarshalBinary(after), "what comes of it can be stored again")
		d.Lost()
		formattest.DecodeAll(t, d, h, words, 20)
		require.NoError(t, d.UnmarshalBinary(formattest.StateOf(t, d)))
	})
}
