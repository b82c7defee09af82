package digits

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func newFonts(t testing.TB, s Style) *Fonts {
	f, err := NewFonts(s)
	require.NoError(t, err)
	return f
}

func anyStyle() *rapid.Generator[Style] {
	return rapid.Custom(func(t *rapid.T) Style {
		return Style{
			Rotation: rapid.Float64Range(0, 60).Draw(t, "rotation"),
			Slant:    rapid.Float64Range(0, 1).Draw(t, "slant"),
			Aspect:   rapid.Float64Range(0, 1).Draw(t, "aspect"),
			Shrink:   rapid.Float64Range(0, 0.5).Draw(t, "shrink"),
			Shift:    rapid.Float64Range(0, 4).Draw(t, "shift"),
			Elastic:  rapid.Float64Range(0, 0.5).Draw(t, "elastic"),
			Weight:   rapid.Float64Range(0, 1).Draw(t, "weight"),
			Softness: rapid.Float64Range(0, 4).Draw(t, "softness"),
		}
	})
}

// Whatever the style: a digit is drawn, in its place, and the same for the same seed.
func TestDrawAnyStyle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		style := anyStyle().Draw(t, "style")
		f, err := NewFonts(style)
		require.NoError(t, err)
		face := rapid.IntRange(0, f.Faces()-1).Draw(t, "face")
		label := rapid.IntRange(0, 9).Draw(t, "label")
		seed := rapid.Uint64().Draw(t, "seed")
		draw := func() Image { return f.Draw(face, label, rand.New(rand.NewPCG(seed, 0))) }
		m := draw()
		require.Equal(t, m, draw())
		x, y, inked := m.centre()
		require.True(t, inked)
		if style.Shift < 1 { // further off, ink may fall over the edge
			require.InDelta(t, Side/2, x, style.Shift+0.6)
			require.InDelta(t, Side/2, y, style.Shift+0.6)
		}
	})
}

// Undistorted, a digit fills the box of 20x20 pixels as MNIST's do.
func TestPlainDigitsFillTheBox(t *testing.T) {
	f := newFonts(t, Style{})
	rng := rand.New(rand.NewPCG(1, 1))
	for face := range f.Faces() {
		for label := range Classes {
			m := f.Draw(face, label, rng)
			w, h := extent(&m)
			require.InDelta(t, 20, max(w, h), 1.1, "a %d in %s is %dx%d", label, faces[face].name, w, h)
			x, y, _ := m.centre()
			require.InDelta(t, 14, x, 0.3)
			require.InDelta(t, 14, y, 0.3)
		}
	}
}

// extent is the width and height of what is at least half inked.
func extent(m *Image) (w, h int) {
	x0, x1, y0, y1 := Side, -1, Side, -1
	for i, v := range m {
		if v >= 96 {
			x0, x1 = min(x0, i%Side), max(x1, i%Side)
			y0, y1 = min(y0, i/Side), max(y1, i/Side)
		}
	}
	return x1 - x0 + 1, y1 - y0 + 1
}

// Each distortion does what its name says.
func TestStyles(t *testing.T) {
	const n = 60
	ink := func(s Style) (mean, deviation float64) {
		f := newFonts(t, s)
		rng := rand.New(rand.NewPCG(3, 3))
		v := make([]float64, 0, n)
		for range n {
			sum := 0.0
			m := f.Draw(0, 8, rng)
			for _, g := range m {
				sum += float64(g) / 255
			}
			v = append(v, sum)
			mean += sum / n
		}
		for _, s := range v {
			deviation += (s - mean) * (s - mean) / n
		}
		return mean, math.Sqrt(deviation)
	}
	plain, none := ink(Style{})
	require.InDelta(t, 0, none, 1e-9)
	_, weight := ink(Style{Weight: 1})
	require.Greater(t, weight, 0.15*plain, "the stroke's width varies")
	small, _ := ink(Style{Shrink: 0.5})
	require.InDelta(t, 0.75*0.75, small/plain, 0.12)
	soft, _ := ink(Style{Softness: 3})
	require.InDelta(t, 1, soft/plain, 0.15, "softness takes no ink away")
	turned, _ := ink(Style{Rotation: 60})
	require.InDelta(t, 1, turned/plain, 0.35, "a turned digit is fitted into the box anew")

	for name, s := range map[string]Style{
		"rotation": {Rotation: 30}, "slant": {Slant: 0.5}, "aspect": {Aspect: 0.5}, "elastic": {Elastic: 0.2},
		"shift": {Shift: 2}, "default": DefaultStyle(),
	} {
		f := newFonts(t, s)
		rng := rand.New(rand.NewPCG(3, 3))
		a, b := f.Draw(0, 2, rng), f.Draw(0, 2, rng)
		require.NotEqual(t, a, b, name)
	}
}

// The digest was taken on amd64 and checked on arm64: images are the same to the bit.
func TestImagesAreTheSameEverywhere(t *testing.T) {
	f := newFonts(t, DefaultStyle())
	rng := rand.New(rand.NewPCG(1, 2))
	h := sha256.New()
	for i := range 100 {
		m, err := f.Digit(i%Classes, rng)
		require.NoError(t, err)
		h.Write(m[:])
	}
	require.Equal(t, "475f1298aa219c31", hex.EncodeToString(h.Sum(nil)[:8]))
}

// The classes can be told by their looks but not by a ruler: the nearest of a few
// hundred images is of the same class for most, not for all.
func TestClassesAreSeparableButNotTrivially(t *testing.T) {
	f := newFonts(t, DefaultStyle())
	rng := rand.New(rand.NewPCG(1, 2))
	const learnt = 400
	known := make([]Image, 0, learnt)
	for i := range learnt {
		m, _ := f.Digit(i%Classes, rng)
		known = append(known, m)
	}
	right := 0
	const asked = 300
	for i := range asked {
		m, _ := f.Digit(i%Classes, rng)
		best, at := math.MaxInt, 0
		for k := range known {
			d := 0
			for p, v := range known[k] {
				e := int(v) - int(m[p])
				d += e * e
			}
			if d < best {
				best, at = d, k
			}
		}
		if at%Classes == i%Classes {
			right++
		}
	}
	t.Logf("%d of %d", right, asked)
	require.Greater(t, right, asked*70/100)
	require.Less(t, right, asked*99/100)
}

func TestStyleValidate(t *testing.T) {
	require.NoError(t, DefaultStyle().Validate())
	for want, s := range map[string]Style{
		"Rotation must be from 0 to 60, is 61":  {Rotation: 61},
		"Slant must be from 0 to 1, is -0.1":    {Slant: -0.1},
		"Aspect must be from 0 to 1, is NaN":    {Aspect: math.NaN()},
		"Shrink must be from 0 to 0.5, is 0.6":  {Shrink: 0.6},
		"Shift must be from 0 to 4, is 5":       {Shift: 5},
		"Elastic must be from 0 to 0.5, is 1":   {Elastic: 1},
		"Weight must be from 0 to 1, is 2":      {Weight: 2},
		"Softness must be from 0 to 4, is +Inf": {Softness: math.Inf(1)},
	} {
		_, err := NewFonts(s)
		require.ErrorContains(t, err, want)
	}
}

func TestLabelPanics(t *testing.T) {
	f := newFonts(t, Style{})
	rng := rand.New(rand.NewPCG(1, 2))
	require.PanicsWithValue(t, PanicLabel, func() { _, _ = f.Digit(10, rng) })
	require.PanicsWithValue(t, PanicLabel, func() { _, _ = (&MNIST{}).Digit(-1, rng) })
}

func BenchmarkDigit(b *testing.B) {
	f := newFonts(b, DefaultStyle())
	rng := rand.New(rand.NewPCG(1, 2))
	i := 0
	for b.Loop() {
		_, _ = f.Digit(i%Classes, rng)
		i++
	}
}
