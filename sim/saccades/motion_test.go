package saccades

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProgress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Movement{
			Start:    time.Duration(rapid.IntRange(0, 1e9).Draw(t, "start")),
			Duration: time.Duration(rapid.IntRange(1e6, 1e9).Draw(t, "duration")),
			Rise:     rapid.Float64Range(0, 1).Draw(t, "rise"),
		}
		m.Fall = rapid.Float64Range(0, 1-m.Rise).Draw(t, "fall")
		require.NoError(t, m.validate(""))
		start, end := us(m.Start), us(m.Start+m.Duration)
		require.Zero(t, m.progress(start-1))
		require.Zero(t, m.progress(start))
		require.InDelta(t, 1, m.progress(end), 1e-12)
		require.InDelta(t, 1, m.progress(end+1), 0)

		const parts = 200
		step := us(m.Duration) / parts
		plateau := 1 / (1 - m.Rise/2 - m.Fall/2)
		last, speed := 0.0, 0.0
		for i := 1; i <= parts; i++ {
			p := m.progress(start + float64(i)*step)
			v := (p - last) * parts
			u := float64(i) / parts // the end of this part
			switch {
			case v < -1e-9:
				t.Fatalf("goes back at %g", u)
			case v > plateau+1e-9:
				t.Fatalf("is faster than the plateau at %g", u)
			case u < m.Rise && v < speed-1e-9:
				t.Fatalf("slows down at %g, while it should speed up", u)
			case u > 1-m.Fall+2./parts && v > speed+1e-9:
				t.Fatalf("speeds up at %g, while it should slow down", u)
			}
			last, speed = p, v
		}
	})
}

func TestOffsetAddsMovements(t *testing.T) {
	motion := []Movement{
		{Start: 0, Duration: 10 * time.Millisecond, X: 3},
		{Start: 5 * time.Millisecond, Duration: 10 * time.Millisecond, Rise: 0.5, Fall: 0.5, X: -1, Y: 4},
	}
	x, y := offset(motion, 5000)
	require.InDelta(t, 1.5, x, 1e-9)
	require.Zero(t, y)
	x, y = offset(motion, 10000)
	require.InDelta(t, 2.5, x, 1e-9)
	require.InDelta(t, 2, y, 1e-9)
	x, y = offset(motion, 1e6)
	require.InDelta(t, 2, x, 1e-9)
	require.InDelta(t, 4, y, 1e-9)
}

// The default movement ends where it began, as the sides of a triangle do.
func TestDefaultMotionCloses(t *testing.T) {
	c := DefaultConfig()
	require.NoError(t, c.Validate())
	x, y := offset(c.Motion, us(c.Duration+c.OnsetJitter))
	require.InDelta(t, 0, x, 0.8, "the fit left it open by a part of a pixel")
	require.InDelta(t, 0, y, 0.1)
}
