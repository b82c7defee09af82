package bus

import (
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
	"github.com/saccade-dev/saccade/hw"
)

// The layout is what doc.go draws; other programs rely on it.
func TestFeaturesLayout(t *testing.T) {
	data, counts := AppendFeatures([]byte{0xee}, []events.Event{
		{T: 0x0102030405060708, X: 0x0a0b, Y: 0x0c0d, P: events.On},
		{T: 1},
		{T: 2},
		{T: 3},
		{T: 4},
		{T: 5},
		{T: 6},
		{T: -1, X: 1, Y: 2, P: events.Off},
	}, []int16{0x7e0f, hw.Missed, hw.Border, hw.Outside, filter.ByRefractory, filter.ByBackground, filter.ByBackground, 0}, false)
	require.Equal(t, Counts{Events: 8, Missed: 1, Border: 1, Outside: 1, Refractory: 1, Background: 2}, counts)
	require.Equal(t, 2, counts.Won())
	require.Equal(t, "ee"+
		"0807060504030201"+"0b0a"+"0d0c"+"0f7e"+"01"+"00"+
		"ffffffffffffffff"+"0100"+"0200"+"0000"+"00"+"00", hex.EncodeToString(data))
}

func TestFeaturesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.Custom(func(t *rapid.T) events.Event {
			return events.Event{
				T: rapid.Int64().Draw(t, "t"),
				X: rapid.Uint16Range(0, events.MaxSide-1).Draw(t, "x"),
				Y: rapid.Uint16Range(0, events.MaxSide-1).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			}
		})).Draw(t, "events")
		winners := make([]int16, len(in))
		var want []FeatureEvent
		var missed int
		for i, e := range in {
			winners[i] = rapid.Int16Range(-3, math.MaxInt16).Draw(t, "winner")
			if winners[i] >= 0 {
				want = append(want, FeatureEvent{T: e.T, X: e.X, Y: e.Y, P: e.P, Feature: uint16(winners[i])})
			} else if winners[i] == hw.Missed {
				missed++
			}
		}
		withMissed := rapid.Bool().Draw(t, "with missed")
		if withMissed {
			want = want[:0]
			for i, e := range in {
				if winners[i] >= 0 || winners[i] == hw.Missed {
					f := FeatureEvent{T: e.T, X: e.X, Y: e.Y, P: e.P, Feature: uint16(max(winners[i], 0)), Missed: winners[i] < 0}
					want = append(want, f)
				}
			}
		}
		data, counts := AppendFeatures(nil, in, winners, withMissed)
		require.Equal(t, len(in), counts.Events)
		require.Equal(t, missed, counts.Missed)
		if withMissed {
			require.Equal(t, len(want), counts.Won()+counts.Missed)
		} else {
			require.Equal(t, len(want), counts.Won())
		}
		got, err := AppendFeatureEvents(nil, data)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestFeaturesErrors(t *testing.T) {
	good, _ := AppendFeatures(nil, []events.Event{{T: 1}, {T: 2}}, []int16{3, 4}, false)
	for _, test := range []struct {
		name   string
		change func(d []byte) []byte
		want   string
		before int
	}{
		{"short", func(d []byte) []byte { return d[:20] }, "features at byte 16: expected a record of 16 bytes, found 4", 1},
		{"x", func(d []byte) []byte { d[25] = 0x10; return d }, "features at byte 24: expected x below 4096, found 4096", 1},
		{"y", func(d []byte) []byte { d[11] = 0x20; return d }, "features at byte 10: expected y below 4096, found 8192", 0},
		{"feature", func(d []byte) []byte { d[13] = 0x80; return d }, "features at byte 12: expected a feature up to 32767, found 32771", 0},
		{"polarity", func(d []byte) []byte { d[30] = 2; return d }, "features at byte 30: expected polarity 0 or 1, found 2", 1},
		{"missed", func(d []byte) []byte { d[15] = 1; return d }, "features at byte 12: expected feature 0 of a missed event, found 3", 0},
		{"flags", func(d []byte) []byte { d[15] = 128; return d }, "features at byte 15: expected flags 0 or 1, found 128", 0},
	} {
		got, err := AppendFeatureEvents(nil, test.change(append([]byte(nil), good...)))
		require.EqualError(t, err, test.want, test.name)
		require.Len(t, got, test.before, test.name)
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
	}
}

func TestFeaturesPanics(t *testing.T) {
	require.PanicsWithValue(t, PanicWinnersLength, func() { AppendFeatures(nil, make([]events.Event, 2), make([]int16, 1), false) })
	require.PanicsWithValue(t, PanicWinner, func() { AppendFeatures(nil, make([]events.Event, 1), []int16{-8}, false) })
}

func TestFeaturesDoNotAllocate(t *testing.T) {
	in, winners := make([]events.Event, 4096), make([]int16, 4096)
	data := make([]byte, 0, len(in)*FeatureBytes)
	out := make([]FeatureEvent, 0, len(in))
	require.Zero(t, testing.AllocsPerRun(10, func() {
		encoded, _ := AppendFeatures(data, in, winners, false)
		if _, err := AppendFeatureEvents(out, encoded); err != nil {
			t.Error(err)
		}
	}))
}

func FuzzFeatures(f *testing.F) {
	seed, _ := AppendFeatures(nil, []events.Event{{T: 1, X: 2, Y: 3, P: events.On}, {T: -5}}, []int16{3, 32767}, false)
	f.Add(seed)
	f.Add(seed[:17])
	f.Add([]byte{})
	f.Add([]byte("0123456789abcdef"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := AppendFeatureEvents(nil, data)
		require.LessOrEqual(t, len(got), len(data)/FeatureBytes)
		in, winners := make([]events.Event, len(got)), make([]int16, len(got))
		for i, f := range got {
			in[i], winners[i] = events.Event{T: f.T, X: f.X, Y: f.Y, P: f.P}, int16(f.Feature)
			if f.Missed {
				winners[i] = hw.Missed
			}
		}
		again, _ := AppendFeatures(nil, in, winners, true)
		if err == nil {
			require.Equal(t, append([]byte{}, data...), append([]byte{}, again...))
			return
		}
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.Less(t, fe.Offset, int64(len(data)))
		require.Equal(t, data[:len(again)], append([]byte{}, again...))
	})
}
