package airplanes

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func sceneOf(c Config, class Class, seed uint64) *scene {
	return newScene(flightOf(c, class, seed), c, rand.New(rand.NewPCG(seed, textureStream)))
}

func frameOf(t *testing.T, s *scene, at int64) []float32 {
	frame := make([]float32, s.geometry.Width*s.geometry.Height)
	require.NoError(t, s.Luminance(at, frame))
	return frame
}

// What is drawn on a plain wall has the silhouette's area, lies about its centre and
// within its box, and is as dark as its shade.
func TestSilhouette(t *testing.T) {
	c := DefaultConfig()
	c.Texture = 0
	for class := range Class(Classes) {
		s := sceneOf(c, class, uint64(class))
		f := s.flight
		at := f.Duration.Microseconds() / 2
		frame := frameOf(t, s, at)
		box, seen := f.Box(at)
		require.True(t, seen)
		var area, x, y float64
		dark := 0
		for i, v := range frame {
			cover := (c.Ground - float64(v)) / (c.Ground - f.Shade)
			px, py := i%c.Geometry.Width, i/c.Geometry.Width
			if cover == 0 {
				continue
			}
			require.True(t, box.Contains(uint16(px), uint16(py), 0.51), "%v at (%d, %d)", class, px, py)
			area += cover
			x += cover * (float64(px) + 0.5)
			y += cover * (float64(py) + 0.5)
			if cover > 0.999 {
				dark++
			}
		}
		want := shoelace(f.outline(at, nil))
		require.InEpsilon(t, want, area, 0.02, class.String())
		cx, cy := f.Centre(at)
		require.InDelta(t, cx, x/area, 0.1, class.String())
		require.InDelta(t, cy, y/area, 0.1, class.String())
		require.Greater(t, dark, int(area/4), class.String())
	}
}

func shoelace(o []point) float64 {
	sum := 0.0
	for i, p := range o {
		q := o[(i+1)%len(o)]
		sum += p.x*q.y - q.x*p.y
	}
	return math.Abs(sum) / 2
}

// A frame in which only what has changed was drawn must be the frame that a new scene
// draws, whether the background moves or stands.
func TestSceneDrawsWhatHasChanged(t *testing.T) {
	for _, still := range []bool{false, true} {
		c := DefaultConfig()
		if still {
			c.Drift, c.Shake = 0, 0
		}
		s := sceneOf(c, Propeller, 7)
		frame := make([]float32, c.Geometry.Width*c.Geometry.Height)
		for at := int64(0); at <= s.flight.Duration.Microseconds(); at += 7000 {
			require.NoError(t, s.Luminance(at, frame))
			require.Equal(t, frameOf(t, sceneOf(c, Propeller, 7), at), frame, "at %d us", at)
		}
	}
}

func TestTexture(t *testing.T) {
	c := DefaultConfig()
	x := newTexture(c, rand.New(rand.NewPCG(1, 1)))
	var sum, square, lo, hi float64
	lo = math.Inf(1)
	for _, v := range x.v {
		v := float64(v) / c.Ground
		sum += v
		square += v * v
		lo, hi = min(lo, v), max(hi, v)
	}
	n := float64(len(x.v))
	mean := sum / n
	require.InDelta(t, 1, mean, 0.1)
	require.InDelta(t, 0.2, math.Sqrt(square/n-mean*mean), 0.05, "a contrast that can be seen")
	require.GreaterOrEqual(t, lo, 1-c.Texture)
	require.LessOrEqual(t, hi, 1+c.Texture)

	// Moving by whole pixels turns the texture round, and back after its width.
	w, h := c.Geometry.Width, c.Geometry.Height
	frame, rows, cols := make([]float32, w*h), make([]float32, w*(h+1)), make([]int, w+1)
	for _, d := range []struct{ x, y int }{{0, 0}, {5, -3}, {-700, 1000}, {w, h}} {
		x.show(float64(d.x), float64(d.y), frame, rows, cols)
		for i, v := range frame {
			sx, sy := ((i%w-d.x)%w+w)%w, ((i/w-d.y)%h+h)%h
			require.Equal(t, x.v[sy*w+sx], v)
		}
	}
	// Half way between two pixels it is their mean.
	x.show(0.5, 0, frame, rows, cols)
	require.InDelta(t, (x.v[9]+x.v[10])/2, frame[10], 1e-4)
}
