package frames_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/frames"
)

// line is a sensor of four pixels in a row, whose frames are short enough to be read.
func line(change func(*frames.Config)) frames.Config {
	c := frames.Config{Width: 4, Height: 1, Mode: frames.Merged, Every: time.Millisecond}
	if change != nil {
		change(&c)
	}
	return c
}

// at are events of pixels 0, 1, 2, 3, 0 ... at times.
func at(times ...int64) (in []events.Event) {
	for i, t := range times {
		in = append(in, events.Event{T: t, X: uint16(i % 4)})
	}
	return in
}

func open(t testing.TB, c frames.Config) *frames.Framer {
	t.Helper()
	f, err := frames.New(c)
	require.NoError(t, err)
	return f
}

// values are those of all frames of a recording, and places the beginnings of their
// intervals.
func run(t testing.TB, c frames.Config, in []events.Event) (values [][]int32, from []int64, skipped []uint64) {
	t.Helper()
	var all []given
	f := open(t, c)
	require.NoError(t, f.Add(in, nil, keep(&all)))
	require.NoError(t, f.End(keep(&all)))
	for _, g := range all {
		values, from, skipped = append(values, g.values), append(from, g.from), append(skipped, g.skipped)
	}
	return values, from, skipped
}

func TestSilencesAreBounded(t *testing.T) {
	in := at(10_000, 10_500, 86_400_000_000, 86_400_000_100) // a day between
	values, from, skipped := run(t, line(func(c *frames.Config) { c.MaxEmpty = 2 }), in)
	require.Equal(t, [][]int32{{1, 1, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 1, 1}}, values)
	require.Equal(t, []int64{10_000, 11_000, 12_000, 86_400_000_000}, from)
	require.Equal(t, []uint64{0, 0, 0, 86_399_987}, skipped)

	values, _, _ = run(t, line(nil), in)
	require.Len(t, values, 2+frames.DefaultMaxEmpty)
	values, _, skipped = run(t, line(func(c *frames.Config) { c.MaxEmpty = -1 }), in)
	require.Len(t, values, 2)
	require.Equal(t, []uint64{0, 86_399_989}, skipped)
}

func TestTimeThatRunsBack(t *testing.T) {
	// Late by less than an interval: it counts in the one under way.
	values, from, _ := run(t, line(nil), at(10_000, 11_000, 10_100, 11_999))
	require.Equal(t, [][]int32{{1, 0, 0, 0}, {0, 1, 1, 1}}, values)
	require.Equal(t, []int64{10_000, 11_000}, from)
	// A new start.
	surface := func(c *frames.Config) { c.Kind, c.Tau, c.Levels = frames.Surface, time.Second, 100 }
	values, from, _ = run(t, line(surface), at(10_000, 9_000, 9_500))
	require.Equal(t, [][]int32{{100, 0, 0, 0}, {0, 100, 100, 0}}, values, "and the surface is empty")
	require.Equal(t, []int64{10_000, 9_000}, from)
	// What is later than a surface reaches leaves it as it is.
	brief := func(c *frames.Config) { surface(c); c.Tau, c.Every = 100*time.Microsecond, 100*time.Millisecond }
	values, _, _ = run(t, line(brief), at(10_000, 109_950, 50_000, 109_990))
	require.Equal(t, [][]int32{{0, 61, 0, 90}}, values[:1], "100*exp(-age/100 us), of ages of 50 and 10 us")
}

func TestTheEndsOfTime(t *testing.T) {
	for _, kind := range []frames.Kind{frames.Counts, frames.Surface} {
		c := line(func(c *frames.Config) { c.Kind = kind })
		if kind == frames.Surface {
			c.Tau = time.Millisecond
		}
		in := at(math.MinInt64, math.MinInt64+1, -1, 0, math.MaxInt64-5, math.MaxInt64, math.MinInt64, math.MaxInt64, math.MaxInt64)
		values, _, _ := run(t, c, in)
		require.NotEmpty(t, values)
		c.Every, c.Events, c.MaxEmpty = 0, 2, 0
		values, _, _ = run(t, c, in)
		require.Len(t, values, 5)
	}
}

// What comes after an end is another recording, and has the frames that it has alone.
func TestEndBeginsAnew(t *testing.T) {
	for _, c := range []frames.Config{line(nil), line(func(c *frames.Config) { c.Kind, c.Tau = frames.Surface, 300*time.Millisecond })} {
		f := open(t, c)
		fresh, err := f.MarshalBinary()
		require.NoError(t, err)
		var first, second []given
		require.NoError(t, f.Add(at(50, 70, 6000, 900_000, 100, 50), nil, keep(&first)))
		require.NoError(t, f.End(keep(&first)))
		b, err := f.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, fresh, b)
		require.NoError(t, f.End(keep(&second)))
		require.Empty(t, second, "nothing has been, and nothing is given")
		require.NoError(t, f.Add(at(50, 70, 6000, 900_000, 100, 50), nil, keep(&second)))
		require.NoError(t, f.End(keep(&second)))
		require.Equal(t, first, second)
	}
}

// A recording of which nothing is drawn has a frame, and no more.
func TestNothingDrawn(t *testing.T) {
	for _, c := range []frames.Config{
		line(func(c *frames.Config) { c.Mode = frames.On }),
		line(func(c *frames.Config) { c.Mode, c.Every, c.Events = frames.On, 0, 3 }),
	} {
		values, from, _ := run(t, c, at(5, 6, 7))
		require.Equal(t, [][]int32{{0, 0, 0, 0}}, values)
		require.Equal(t, []int64{5}, from)
	}
}

func TestAnErrorEndsTheCall(t *testing.T) {
	f := open(t, line(nil))
	refused := errors.New("full")
	require.ErrorIs(t, f.Add(at(0, 1, 2, 5000, 5001), nil, func(*frames.Frame) error { return refused }), refused)
	var rest []given
	require.NoError(t, f.Add(at(5000), nil, keep(&rest)))
	require.NoError(t, f.End(keep(&rest)))
	require.Len(t, rest, 5)
	require.Equal(t, []int64{1000, 5000}, []int64{rest[0].from, rest[4].from})
	require.EqualValues(t, 1, rest[0].index)
}

func TestAllIsBounded(t *testing.T) {
	c := frames.Config{Width: 8, Height: 4, Events: 1}
	_, err := open(t, c).AllUpTo(at(make([]int64, 17)...), 16*64)
	require.ErrorContains(t, err, "at most 16 frames of 64 values")
	all, err := open(t, c).AllUpTo(at(make([]int64, 16)...), 16*64)
	require.NoError(t, err)
	require.Len(t, all, 16)
}

func TestAddDoesNotAllocate(t *testing.T) {
	for _, c := range []frames.Config{line(nil), line(func(c *frames.Config) { c.Kind, c.Tau = frames.Surface, 20*time.Millisecond })} {
		f := open(t, c)
		in := at(10, 20, 900, 1100, 2500, 8000)
		give := func(*frames.Frame) error { return nil }
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if f.Add(in, nil, give) != nil || f.End(give) != nil {
				t.Error("an error")
			}
		}))
	}
}

func TestMisuse(t *testing.T) {
	f := open(t, frames.Config{Width: 4, Height: 1, Source: frames.Features, Features: 2, Events: 5})
	require.PanicsWithValue(t, frames.PanicLengths, func() { _ = f.Add(at(1), nil, nil) })
	require.PanicsWithValue(t, frames.PanicWinner, func() { _ = f.Add(at(1), []int16{2}, nil) })
}
