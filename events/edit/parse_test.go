package edit_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]edit.Time{
		"0s": {}, "1.5s": {US: 1_500_000}, "250ms": {US: 250_000}, "1m30s": {US: 90_000_000}, "1min": {US: 60_000_000}, "2h": {US: 7_200_000_000},
		"@11718656us": {US: 11718656, Absolute: true}, "@1633953690.975950s": {US: 1633953690975950, Absolute: true},
		"-1ms": {US: -1000}, "@-5us": {US: -5, Absolute: true}, "3000ns": {US: 3}, "7µs": {US: 7}, "7μs": {US: 7}, "0.000001s": {US: 1},
		"9223372036854775807us": {US: math.MaxInt64}, "-9223372036854775808us": {US: math.MinInt64},
	} {
		got, err := edit.ParseTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := edit.ParseTime(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for text, says := range map[string]string{
		"": "expected a time such as", "@": "such as", "1.5": "a unit of", "s": "such as", ".5s": "such as", "5.s": "such as", "1..5s": "such as",
		"1.5us": "expected whole microseconds, found \"1.5us\"", "1s2": "a unit", "1 s": "a unit", "--1s": "such as", "1e3s": "a unit", "@@1s": "such as",
		"9223372036854775808us": "within 9223372036854775807 us", "999999999999h": "within",
		"111111111111111111111111111111111111111111111111111111111111111111111111s": "such as",
	} {
		_, err := edit.ParseTime(text)
		require.ErrorContains(t, err, says, text)
	}
}

func TestTimeBy(t *testing.T) {
	at, err := edit.Time{US: -5}.By(3)
	require.NoError(t, err)
	require.Equal(t, int64(-2), at)
	at, err = edit.Time{US: 7, Absolute: true}.By(math.MaxInt64)
	require.NoError(t, err)
	require.Equal(t, int64(7), at)
	for _, c := range []struct{ us, first int64 }{{1, math.MaxInt64}, {-1, math.MinInt64}} {
		_, err = edit.Time{US: c.us}.By(c.first)
		require.ErrorContains(t, err, "behind the recording's clock")
	}
}

func TestParseArea(t *testing.T) {
	a, err := edit.ParseArea("10,20,30x40")
	require.NoError(t, err)
	require.Equal(t, edit.Area{X: 10, Y: 20, Geometry: events.Geometry{Width: 30, Height: 40}}, a)
	require.NoError(t, a.Within(events.Geometry{Width: 40, Height: 60}))
	require.NoError(t, a.Within(events.Geometry{}), "where the sensor is not known")
	require.EqualError(t, a.Within(events.Geometry{Width: 39, Height: 60}), "area 10,20,30x40: expected one within the sensor's 39x60 pixels")
	require.Error(t, a.Within(events.Geometry{Width: 40, Height: 59}))
	for _, text := range []string{"", "1,2", "1,2,3", "1,2,3x", "1,2,0x3", "-1,2,3x4", "1,2,3x4,5", "4000,0,97x1", "0,65535,1x1", "1, 2,3x4", "+1,2,3x4"} {
		_, err := edit.ParseArea(text)
		require.ErrorContains(t, err, "expected X,Y,WIDTHxHEIGHT within 4096x4096 pixels", text)
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"1.5s", "@11718656us", "1m30s", "-1ms", "@", "1.5us", "9223372036854775808us", "0.0000000000000000000001h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := edit.ParseTime(s)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		again, err := edit.ParseTime(got.String())
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

func FuzzParseArea(f *testing.F) {
	for _, s := range []string{"10,20,30x40", "0,0,4096x4096", "1,2,3", "x,,", "1,2,0x0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := edit.ParseArea(s)
		if err != nil {
			return
		}
		require.True(t, a.Valid())
		require.NoError(t, a.Within(events.Geometry{Width: events.MaxSide, Height: events.MaxSide}))
		again, err := edit.ParseArea(a.String())
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}
