package saccades

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
)

func still(x, y float64) Config {
	return Config{
		Geometry: events.Geometry{Width: 34, Height: 34},
		Sensor:   DefaultConfig().Sensor,
		Black:    1, White: 11, X: x, Y: y,
	}
}

func randomImage(seed uint64) *digits.Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	var m digits.Image
	for i := range m {
		m[i] = uint8(rng.Uint32())
	}
	return &m
}

func show(t require.TestingT, c Config, m *digits.Image) []float32 {
	s := newScreen(c, m, 0, 0, 0)
	frame := make([]float32, c.Geometry.Width*c.Geometry.Height)
	require.NoError(t, s.Luminance(0, frame))
	return frame
}

// Without blur and between no two pixels, the screen shows the image's own pixels.
func TestScreenShowsTheImage(t *testing.T) {
	m := randomImage(1)
	for _, at := range [][2]int{{0, 0}, {3, 5}, {-4, 2}, {20, -30}, {-40, 0}} {
		for _, inverted := range []bool{false, true} {
			c := still(float64(at[0]), float64(at[1]))
			c.Inverted = inverted
			frame := show(t, c, m)
			for j := range 34 {
				for i := range 34 {
					g := 0.0
					if x, y := i-at[0], j-at[1]; x >= 0 && x < 28 && y >= 0 && y < 28 {
						g = float64(m.At(x, y)) / 255
					}
					if inverted {
						g = 1 - g
					}
					require.InDelta(t, 1+10*g, frame[j*34+i], 1e-5, "pixel (%d, %d) of an image at %v", i, j, at)
				}
			}
		}
	}
}

// Moving by fractions of a pixel and blurring change neither the light that falls on
// the sensor nor, but for the movement, where its centre lies.
func TestScreenKeepsTheLight(t *testing.T) {
	m := randomImage(2)
	light := func(frame []float32) (sum, x, y float64) {
		for i, v := range frame {
			v := float64(v) - 1
			sum += v
			x += v * float64(i%34)
			y += v * float64(i/34)
		}
		return sum, x / sum, y / sum
	}
	sum, x, y := light(show(t, still(3, 3), m))
	rapid.Check(t, func(t *rapid.T) {
		c := still(rapid.Float64Range(2.5, 3.5).Draw(t, "x"), rapid.Float64Range(2.5, 3.5).Draw(t, "y"))
		c.Blur = rapid.Float64Range(0, 0.6).Draw(t, "blur")
		s, cx, cy := light(show(t, c, m))
		require.InEpsilon(t, sum, s, 1e-4)
		require.InDelta(t, x+c.X-3, cx, 2e-3)
		require.InDelta(t, y+c.Y-3, cy, 2e-3)
	})
}

// The blur has the variance it is asked for.
func TestBlur(t *testing.T) {
	const side = 41
	for _, sigma := range []float64{0.3, 0.7, 1.5, 3} {
		image := make([]float32, side*side)
		image[side*20+20] = 1
		blur(image, side, sigma)
		var sum, xx, yy float64
		for i, v := range image {
			x, y := float64(i%side-20), float64(i/side-20)
			sum += float64(v)
			xx += float64(v) * x * x
			yy += float64(v) * y * y
		}
		require.InDelta(t, 1, sum, 1e-5)
		require.InEpsilon(t, sigma*sigma, xx, 1e-3)
		require.InEpsilon(t, sigma*sigma, yy, 1e-3)
	}
}

// A frame that the scene leaves as it is must be the frame that it would draw.
func TestScreenSkipsOnlyWhatStands(t *testing.T) {
	c := DefaultConfig()
	s := newScreen(c, randomImage(3), 0.2, -0.1, 500)
	n := c.Geometry.Width * c.Geometry.Height
	frame, fresh := make([]float32, n), make([]float32, n)
	for at := int64(0); at < c.Duration.Microseconds(); at += 1000 {
		require.NoError(t, s.Luminance(at, frame))
		require.NoError(t, newScreen(c, randomImage(3), 0.2, -0.1, 500).Luminance(at, fresh))
		require.Equal(t, fresh, frame, "at %d us", at)
	}
}
