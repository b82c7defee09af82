package moving

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
)

func fonts(t testing.TB) *digits.Fonts {
	f, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(t, err)
	return f
}

// drawn is an image of a digit.
func drawn(t testing.TB, label int) *digits.Image {
	m, err := fonts(t).Digit(label, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	return &m
}

// mean is what a pixel sees by the definition: the mean over its square, here of many
// points of it.
func mean(m *digits.Image, c Config, scale, cx, cy float64, i, j int) float64 {
	const points = 60
	sum := 0.0
	for a := range points {
		for b := range points {
			x := (float64(i) + 0.5 + c.Aperture*((float64(a)+0.5)/points-0.5) - cx) / scale
			y := (float64(j) + 0.5 + c.Aperture*((float64(b)+0.5)/points-0.5) - cy) / scale
			x, y = x+digits.Side/2, y+digits.Side/2
			if x >= 0 && x < digits.Side && y >= 0 && y < digits.Side {
				sum += float64(m.At(int(x), int(y))) / 255
			}
		}
	}
	return c.Ground + (c.Ink-c.Ground)*sum/(points*points)
}

func TestPixelsSeeTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := DefaultConfig()
		c.Geometry = events.Geometry{Width: 23, Height: 31}
		c.Aperture = rapid.Float64Range(0.3, 4).Draw(t, "aperture")
		scale := rapid.Float64Range(0.2, 5).Draw(t, "scale")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var m digits.Image
		for i := range m {
			if rng.IntN(3) == 0 {
				m[i] = uint8(rng.IntN(256))
			}
		}
		at := func(field int, name string) axis {
			return axis{from: rapid.Float64Range(-20, float64(field)+20).Draw(t, name)}
		}
		s := newScene(c, &m, Path{Scale: scale, x: at(23, "x"), y: at(31, "y")})
		frame := make([]float32, 23*31)
		require.NoError(t, s.Luminance(0, frame))
		for range 10 {
			i, j := rng.IntN(23), rng.IntN(31)
			// The points of the definition are off by the strip along an edge that they miss.
			slack := (c.Ink - c.Ground) * (0.01 + 4/60.*c.Aperture/scale/4)
			require.InDelta(t, mean(&m, c, scale, s.path.x.from, s.path.y.from, i, j), frame[j*23+i], slack)
		}
	})
}

// What has gone leaves the ground behind: a frame does not depend on those before it.
func TestFramesDoNotDependOnFramesBefore(t *testing.T) {
	c := DefaultConfig()
	c.MinSpeed, c.MaxSpeed = 300, 2000
	m := drawn(t, 8)
	for seed := range uint64(10) {
		p := newPath(c, rand.New(rand.NewPCG(seed, 1)))
		s := newScene(c, m, p)
		frame, fresh := make([]float32, 48*48), make([]float32, 48*48)
		for at := int64(0); at < 400_000; at += 17_000 {
			require.NoError(t, s.Luminance(at, frame))
			require.NoError(t, newScene(c, m, p).Luminance(at, fresh))
			require.Equal(t, fresh, frame)
		}
	}
}

// As it moves by fractions of a pixel no ink appears or goes.
func TestInkIsKept(t *testing.T) {
	m := drawn(t, 3)
	want := 0.0
	for _, v := range m {
		want += float64(v) / 255
	}
	for _, scale := range []float64{0.13, 0.7, 1, 1.21} {
		for k := range 20 {
			c := DefaultConfig()
			c.Aperture = float64(1 + k%2)
			s := newScene(c, m, Path{Scale: scale, x: axis{from: 24 + float64(k)/20}, y: axis{from: 24 - float64(k)/7}})
			frame := make([]float32, 48*48)
			require.NoError(t, s.Luminance(0, frame))
			got := 0.0
			for _, v := range frame {
				got += (float64(v) - c.Ground) / (c.Ink - c.Ground)
			}
			require.InEpsilon(t, want*scale*scale, got, 1e-4)
		}
	}
}

func BenchmarkLuminance(b *testing.B) {
	s := newScene(DefaultConfig(), drawn(b, 8), newPath(DefaultConfig(), rand.New(rand.NewPCG(1, 1))))
	frame := make([]float32, 48*48)
	at := int64(0)
	for b.Loop() {
		if err := s.Luminance(at, frame); err != nil {
			b.Fatal(err)
		}
		at += 1000
	}
}
