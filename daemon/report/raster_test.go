package report

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// dots counts the dots of a raster by class.
func dots(t *testing.T, svg string) map[string]int {
	out := map[string]int{}
	for _, p := range parse(t, []byte(svg)).all("path") {
		out[p.attributes["class"]] += strings.Count(p.attributes["d"], "h0")
	}
	return out
}

func TestRaster(t *testing.T) {
	l := Layer{Banks: []Bank{{Name: "OFF", Wins: make([]int64, 3)}, {Name: "ON", Wins: make([]int64, 2)}}}
	r := Raster{Name: "a.bin", Label: "7", Predicted: "1"}
	for i := range 100 {
		r.Events = append(r.Events, Win{T: 1_000_000 - 1000*int64(i), Feature: i % 5, P: events.Polarity(i % 5 / 3)})
	}
	v, files := drawRasters(l, []Raster{r}, "", portionOf(0, 1))
	require.Len(t, files, 1)
	require.Equal(t, "raster-7.svg", files[0].name)
	c := v.Choices[0]
	require.Equal(t, "taken for 1", c.Verdict)
	require.Equal(t, "wrong", c.Class)
	require.Equal(t, "100 events that a feature won", c.Facts)
	svg := string(c.Chart.SVG)
	require.Equal(t, map[string]int{"dots off": 60, "dots on": 40}, dots(t, svg))
	require.Contains(t, svg, ">time since the first of them, ms<")
	// The five rows, nine pixels each, and what ends where time does.
	for _, want := range []string{" 20.5h0", " 29.5h0", " 38.5h0", " 47.5h0", " 56.5h0", "M78 56.5h0", fmt.Sprintf("M%.0f 20.5h0", rasterWidth-14)} {
		require.Contains(t, svg, want)
	}
	require.Equal(t, int64(1_000_000), r.Events[0].T, "the caller's events stay in their order")
}

func TestRasterThins(t *testing.T) {
	l := Layer{Banks: []Bank{{Name: "merged", Wins: make([]int64, 700)}}}
	r := Raster{Label: "x"}
	for i := range 3 * maxDots {
		r.Events = append(r.Events, Win{T: int64(i), Feature: i % 700, P: events.On})
	}
	v, _ := drawRasters(l, []Raster{r, {Label: "y"}}, "", portionOf(0, 1))
	require.Contains(t, v.Choices[0].Chart.Caption, "Of 60,000 events 20,000 are drawn, evenly spread.")
	n := dots(t, string(v.Choices[0].Chart.SVG))["dots on"]
	require.InDelta(t, maxDots, n, maxDots/10, "nearly all of them stand on places of their own")
	require.LessOrEqual(t, n, maxDots)
	require.Contains(t, v.Choices[1].Empty, "Nothing to show")
	many := make([]Raster, maxRasters+5)
	v, _ = drawRasters(l, many, "", portionOf(0, 1))
	require.Len(t, v.Choices, maxRasters)
	require.Equal(t, 5, v.Omitted)
	require.Equal(t, "24", v.Choices[23].Name, "one without a name has its number")
}

// Times may be any.
func TestRasterOfAnyTimes(t *testing.T) {
	l := Layer{Banks: []Bank{{Name: "ON", Wins: make([]int64, 1)}}}
	for _, times := range [][]int64{{5}, {math.MinInt64, math.MaxInt64}, {7, 7, 7}, {0, 20_000_000}} {
		r := Raster{}
		for _, at := range times {
			r.Events = append(r.Events, Win{T: at})
		}
		c, drawn := rasterChart(l, r, 10)
		require.Equal(t, len(times), drawn)
		require.NotRegexp(t, `"[^"]*(NaN|Inf)[^"]*"`, c.Inline())
	}
}

// The dots of all rasters are bounded, and no raster is thinned without need.
func TestDotsEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rasters []Raster
		all := 0
		for range rapid.IntRange(1, maxRasters).Draw(t, "rasters") {
			n := rapid.IntRange(0, 2*maxDots).Draw(t, "events")
			rasters = append(rasters, Raster{Events: make([]Win, n)})
			all += min(n, maxDots)
		}
		drawn := func(most int) (n int) {
			for _, r := range rasters {
				n += min(len(r.Events), most)
			}
			return n
		}
		most := dotsEach(rasters, maxAllDots)
		require.LessOrEqual(t, most, maxDots)
		require.LessOrEqual(t, drawn(most), maxAllDots)
		if all <= maxAllDots {
			require.Equal(t, maxDots, most)
		} else {
			require.Greater(t, drawn(most+1), maxAllDots)
		}
	})
}

// The page shows the raster that is chosen, and begins with the first.
func TestRasterChoice(t *testing.T) {
	html := string(drawn()["report.html"])
	section := parse(t, []byte(html)).byID(t, "activity")
	inputs := section.all("input")
	require.Len(t, inputs, 2)
	require.Equal(t, "checked", inputs[0].attributes["checked"])
	require.NotContains(t, inputs[1].attributes, "checked")
	for i := range inputs {
		require.Contains(t, html, fmt.Sprintf(".choose>#raster-%d:checked~.chosen>#rastered-%d{display:block}", i, i))
		require.Contains(t, html, fmt.Sprintf(`id="rastered-%d"`, i))
	}
}
