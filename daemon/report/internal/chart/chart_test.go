package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func labels(a Axis) []string {
	out := make([]string, len(a.Ticks))
	for i, t := range a.Ticks {
		out[i] = t.Label
	}
	return out
}

func TestLinearTicks(t *testing.T) {
	for name, c := range map[string]struct {
		low, high float64
		want      []string
	}{
		"share":       {0.18, 0.93, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		"thousands":   {0, 411, []string{"0", "100", "200", "300", "400", "500"}},
		"narrow":      {0.9001, 0.9009, []string{"0.9000", "0.9002", "0.9004", "0.9006", "0.9008", "0.9010"}},
		"below zero":  {-2, 2, []string{"-2", "-1", "0", "1", "2"}},
		"nothing":     {0, 0, []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		"not a range": {math.Inf(1), math.Inf(-1), []string{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, labels(Linear(c.low, c.high, 5, 0, 100)))
		})
	}
}

func TestLogarithmicTicks(t *testing.T) {
	label := func(v float64) string { return tickLabel(v, v, max(0, -int(math.Floor(math.Log10(v)+1e-9)))) }
	for name, c := range map[string]struct {
		low, high float64
		want      []string
	}{
		"two decades":  {0.6, 30, []string{"0.5", "1", "2", "5", "10", "20", "50"}},
		"many decades": {0.01, 900, []string{"0.01", "0.1", "1", "10", "100", "1000"}},
		"one value":    {3, 3, []string{"2", "5"}},
		"on a tick":    {1, 1, []string{"1", "2"}},
		"not positive": {-4, 0, []string{"1", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, labels(Logarithmic(c.low, c.high, 0, 100, label)))
		})
	}
}

// Whatever the range, an axis holds it, has some ticks and not many, in order and
// within its ends.
func TestAxisHoldsItsRange(t *testing.T) {
	number := rapid.OneOf(rapid.Float64(), rapid.Float64Range(-1e3, 1e3), rapid.SampledFrom([]float64{0, 1e12, -1e12, 1e-300, math.NaN(), math.Inf(1), math.MaxFloat64}))
	rapid.Check(t, func(t *rapid.T) {
		low, high := number.Draw(t, "low"), number.Draw(t, "high")
		logarithmic := rapid.Bool().Draw(t, "logarithmic")
		a := Linear(low, high, rapid.IntRange(-1, 10).Draw(t, "n"), 10, 200)
		if logarithmic {
			a = Logarithmic(low, high, 10, 200, func(float64) string { return "" })
		}
		require.True(t, finite(a.Min, a.Max) && a.Min < a.Max, "%v to %v", a.Min, a.Max)
		require.NotEmpty(t, a.Ticks)
		require.LessOrEqual(t, len(a.Ticks), 32)
		for i, tick := range a.Ticks {
			require.True(t, tick.Value >= a.Min && tick.Value <= a.Max)
			require.True(t, i == 0 || tick.Value > a.Ticks[i-1].Value, "ticks in order: %v", a.Ticks)
		}
		for _, v := range []float64{low, high} {
			if Drawable(low) && Drawable(high) && low <= high && (!logarithmic || low >= 1/Largest) {
				at := a.At(v)
				require.True(t, at >= 10-1e-3 && at <= 200+1e-3, "%g at %g on %v..%v", v, at, a.Min, a.Max)
			}
		}
	})
}

func TestAxisValueAtUndoesShare(t *testing.T) {
	for _, a := range []Axis{Linear(-3, 7, 5, 0, 1), Logarithmic(0.01, 500, 0, 1, func(float64) string { return "" })} {
		for _, share := range []float64{0, 0.25, 0.5, 1} {
			require.InDelta(t, share, a.Share(a.ValueAt(share)), 1e-12)
		}
	}
	require.True(t, math.IsNaN(Logarithmic(1, 10, 0, 1, func(float64) string { return "" }).At(0)), "zero has no place on a logarithmic axis")
}

// wellFormed reads a document to its end and gives the text in it.
func wellFormed(t require.TestingT, document []byte) string {
	var text strings.Builder
	d := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		require.NoError(t, err)
		if c, ok := token.(xml.CharData); ok {
			text.Write(c)
		}
	}
}

// A chart is well-formed whatever text and numbers go into it, and no coordinate
// that is not a number comes out.
func TestChartIsWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		v := func() float64 { return rapid.Float64().Draw(t, "v") }
		c := New(100, 50, s)
		c.Line(s, v(), v(), v(), math.NaN())
		c.Text(s, Middle, 3, 4, s)
		c.Rotated("", Start, 3, 4, -45, s)
		c.Cell(s, 1, 2, -3, v(), v(), s)
		c.Dot(s, v(), math.Inf(1), 2)
		c.Path(s, []Point{{1, 2}, {3, v()}, {math.NaN(), 0}, {5, 6}})
		wellFormed(t, c.File())
		wellFormed(t, []byte(c.Inline()))
		body := c.body.String()
		require.NotContains(t, body, `="NaN"`)
		require.NotContains(t, body, `="+Inf"`)
	})
}

func TestPathBreaksAtGaps(t *testing.T) {
	c := New(10, 10, "")
	c.Path("line", []Point{{0, 0}, {1, 1}, {2, math.NaN()}, {3, 3}, {4, math.Inf(1)}, {5, 5}, {6, 6}})
	require.Contains(t, c.body.String(), `d="M0 0L1 1M5 5L6 6"`)
	require.Contains(t, c.body.String(), `cx="3" cy="3"`, "a point on its own is a dot")
}

func TestTextIsEscaped(t *testing.T) {
	c := New(10, 10, `"><script>`)
	c.Text("", Start, 0, 0, `</text><script>alert("&")</script>`)
	require.NotContains(t, c.Inline(), "<script")
	require.Contains(t, wellFormed(t, []byte(c.Inline())), `</text><script>alert("&")</script>`)
}

// A chart inside a page follows the page; one in a file brings its own style.
func TestFileStandsAlone(t *testing.T) {
	c := New(10, 10, "")
	c.Dot("on", 1, 1, 1)
	require.Contains(t, string(c.File()), CSS)
	require.NotContains(t, c.Inline(), "<style")
	require.NotContains(t, c.Inline(), "xmlns")
	wellFormed(t, c.File())
}
