package frames_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
)

// kinds are configurations whose states differ.
func kinds() []frames.Config {
	return []frames.Config{
		line(func(c *frames.Config) { c.Step = 2 }),
		line(func(c *frames.Config) { c.Every, c.Events = 0, 4 }),
		line(func(c *frames.Config) { c.Kind, c.Tau = frames.Surface, 3*time.Millisecond }),
		line(func(c *frames.Config) { c.Kind, c.Decay, c.Last = frames.Surface, feast.DecayIndex, 9 }),
	}
}

// used is a framer in the middle of an interval.
func used(t testing.TB, c frames.Config) *frames.Framer {
	f := open(t, c)
	require.NoError(t, f.Add(at(-4, 100, 900, 7000, 7100, 7200), nil, func(*frames.Frame) error { return nil }))
	return f
}

func state(t testing.TB, f *frames.Framer) []byte {
	t.Helper()
	b, err := f.MarshalBinary()
	require.NoError(t, err)
	return b
}

func TestStateRefused(t *testing.T) {
	for i, c := range kinds() {
		good := state(t, used(t, c))
		fresh := open(t, c)
		before := state(t, fresh)
		refused := func(b []byte, says string) {
			t.Helper()
			require.ErrorContains(t, fresh.UnmarshalBinary(b), says)
			require.Equal(t, before, state(t, fresh), "the framer is as it was")
		}
		for n := range good {
			refused(good[:n], "frames state: ")
		}
		refused(append(bytes.Clone(good), 0), "frames state: at byte")
		change := func(at int, v byte) []byte {
			out := bytes.Clone(good)
			out[at] = v
			return out
		}
		config := int(good[6]) + int(good[7])<<8
		begin := 10 + config
		refused(change(0, 'X'), `at byte 0: expected "SFRM", found "XFRM"`)
		refused(change(4, 2), "at byte 4: expected version 1, found 2")
		refused(change(20, '?'), "at byte 10: expected frames of {")
		refused(change(begin, 2), "expected 0 or 1, found 2")
		refused(change(begin, 0), "expected zeros before the first event")
		refused(change(begin+25, 200), "drawn")             // drawn
		refused(change(begin+1+6*8+7, 200), "empty frames") // empty
		refused(change(begin+1+7*8+15, 200), "at by")       // in the counts, or the surface
		require.NoError(t, fresh.UnmarshalBinary(good))
		require.Equal(t, good, state(t, fresh))
		other := open(t, kinds()[(i+1)%len(kinds())])
		require.ErrorContains(t, other.UnmarshalBinary(good), "expected frames of {")
	}
}

func FuzzState(f *testing.F) {
	for i, c := range kinds() {
		f.Add(byte(i), state(f, used(f, c)))
		f.Add(byte(i), state(f, open(f, c)))
	}
	f.Add(byte(0), []byte("SFRM\x01\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		framer := open(t, kinds()[int(kind)%len(kinds())])
		before := state(t, framer)
		if framer.UnmarshalBinary(b) != nil {
			require.Equal(t, before, state(t, framer), "refused, and the framer was changed")
			return
		}
		require.Equal(t, b, state(t, framer))
		levels := int32(framer.Config().Levels)
		inRange := func(frame *frames.Frame) error {
			for _, v := range frame.Values {
				if v < 0 || v > levels {
					t.Errorf("value %d of at most %d", v, levels)
				}
			}
			return nil
		}
		require.NoError(t, framer.Add(at(0, 5, math.MaxInt64, -7, math.MinInt64, 90_000_000), nil, inRange))
		require.NoError(t, framer.End(inRange))
	})
}
