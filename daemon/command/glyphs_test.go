package command

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSparkline(t *testing.T) {
	require.Equal(t, " ▁▁▄█", blocks.sparkline([]float64{-1, 0, 0.0001, 0.5, 1}, 1), "a gap, nothing, hardly anything, a half, all")
	require.Equal(t, " ..=@", ascii.sparkline([]float64{-1, 0, 0.0001, 0.5, 1}, 1))
	require.Equal(t, "▁▁", blocks.sparkline([]float64{0, 0}, 0), "no misses at all")
	require.Equal(t, "█", blocks.sparkline([]float64{7}, 1), "beyond the scale")
}

func TestBars(t *testing.T) {
	require.Equal(t, "██▌ ", blocks.barOf(0.625, 4))
	require.Equal(t, "### ", ascii.barOf(0.625, 4))
	require.Equal(t, "▏   ", blocks.barOf(1e-9, 4), "a little is not nothing")
	require.Equal(t, "    ", blocks.barOf(0, 4))
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.IntRange(1, 40).Draw(t, "cells")
		g := rapid.SampledFrom([]glyphs{blocks, ascii}).Draw(t, "glyphs")
		a, b := rapid.Float64().Draw(t, "a"), rapid.Float64().Draw(t, "b")
		one, other := g.barOf(min(a, b), cells), g.barOf(max(a, b), cells)
		require.Len(t, []rune(one), cells)
		require.Len(t, []rune(other), cells)
		filled := func(s string) int { return strings.Count(s, string(g.bar[len(g.bar)-1])) }
		require.LessOrEqual(t, filled(one), filled(other))
	})
}

func TestASCIIGlyphsAreASCII(t *testing.T) {
	for _, r := range string(ascii.levels) + string(ascii.bar) + ascii.more + ascii.times {
		require.LessOrEqual(t, r, rune(unicode.MaxASCII))
	}
	require.Len(t, ascii.levels, len(blocks.levels))
	require.Equal(t, ". @=", ascii.histogram(map[int]int{0: 1, 2: 100, 3: 50}))
}

func TestCutTo(t *testing.T) {
	require.Equal(t, "abc", blocks.cutTo("abc", 3))
	require.Equal(t, "ab…", blocks.cutTo("abcd", 3))
	require.Equal(t, "abc", ascii.cutTo("abcd", 3))
	require.Equal(t, "a...", ascii.cutTo("abcde", 4))
	require.Empty(t, blocks.cutTo("abc", 0))
	require.Empty(t, blocks.cutTo("abc", -3))
}

func TestUTF8Locale(t *testing.T) {
	for name, c := range map[string]struct {
		vars map[string]string
		want bool
	}{
		"none":           {nil, false},
		"lang":           {map[string]string{"LANG": "de_CH.UTF-8"}, true},
		"utf8":           {map[string]string{"LC_CTYPE": "C.utf8"}, true},
		"C":              {map[string]string{"LANG": "C"}, false},
		"LC_ALL is over": {map[string]string{"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, false},
		"empty is unset": {map[string]string{"LC_ALL": "", "LANG": "C.UTF-8"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if utf8Locale(func(string) string { return "" }) {
				t.Skip("this system's terminals write UTF-8 whatever the environment says")
			}
			require.Equal(t, c.want, utf8Locale(func(v string) string { return c.vars[v] }))
		})
	}
}
