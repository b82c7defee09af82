package report

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Of several planes each weight is one pixel at its place, and lines of one colour,
// which no weight has, stand between planes.
func TestTilesOfPlanes(t *testing.T) {
	c, err := newColours()
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		planes, side := rapid.IntRange(2, 30).Draw(t, "planes"), 1+2*rapid.IntRange(0, 4).Draw(t, "radius")
		weights := make([]float64, planes*side*side)
		for i := range weights {
			weights[i] = rapid.Float64Range(0, 1).Draw(t, "w")
		}
		s := span{0, 1}
		p := drawTile(weights, side, planes, s, c)
		columns := (p.Rect.Dx() + 1) / (side + 1)
		require.LessOrEqual(t, columns*columns, max(planes+2*columns, 2*planes), "nearly square")
		gaps := 0
		for _, level := range p.Pix {
			if level == gapLevel {
				gaps++
			}
		}
		require.Equal(t, len(p.Pix)-len(weights), gaps)
		for i, w := range weights {
			plane, at := i/(side*side), i%(side*side)
			got := p.ColorIndexAt(plane%columns*(side+1)+at%side, plane/columns*(side+1)+at/side)
			require.InDelta(t, s.level(w), got, gapLevel)
		}
	})
	p := drawTile([]float64{math.NaN(), 1, 0, 0}, 1, 4, span{0, 1}, c)
	require.Equal(t, uint8(weightLevels), p.Pix[0], "no number is one in a plane too")
}

func TestPageOfPlanes(t *testing.T) {
	run := Run{Layer: Layer{Radius: 1, Planes: 6, Banks: []Bank{{Name: "planes"}}}}
	for range 3 {
		w := make([]float64, 54)
		for i := range w {
			w[i] = float64(i)
		}
		run.Layer.Banks[0].Weights = append(run.Layer.Banks[0].Weights, w)
	}
	_, html := write(t, t.TempDir(), run)
	section := parse(t, html).byID(t, "features")
	require.Contains(t, section.text, "6 patches, one a plane in rows from the top left, each of 3×3 pixels")
	require.Len(t, section.all("figure"), 3)
}

// A layer of one feature is drawn like any other.
func TestOneFeature(t *testing.T) {
	run := small()
	b := &run.Layer.Banks[0]
	b.Weights, b.Thresholds, b.Wins, b.Places = b.Weights[:1], b.Thresholds[:1], b.Wins[:1], b.Places[:1]
	for i := range b.History {
		b.History[i].Thresholds = b.History[i].Thresholds[:1]
	}
	run.Layer.Banks = run.Layer.Banks[:1]
	for i := range run.Layer.Course.Intervals {
		run.Layer.Course.Intervals[i].Banks = run.Layer.Course.Intervals[i].Banks[:1]
	}
	for i := range run.Rasters[0].Events {
		run.Rasters[0].Events[i].Feature = 0
	}
	for i := range run.Activation.Classes {
		c := &run.Activation.Classes[i]
		c.Mean, c.SD, c.Places = []float64{1}, []float64{0}, c.Places[:1]
	}
	paths, html := write(t, t.TempDir(), run)
	page := parse(t, html)
	require.Contains(t, page.byID(t, "features").text, "OFF 1 feature")
	require.Contains(t, page.byID(t, "activity").text, "class 2, OFF #0: 100\u00a0% of the wins, 1 times the mean")
	require.NotContains(t, page.byID(t, "activity").text, "sd apart", "its share cannot tell any class from another")
	require.NotRegexp(t, `"[^"]*(NaN|Inf)[^"]*"`, string(html))
	require.Len(t, paths, 14)
}

func TestOrders(t *testing.T) {
	b := Bank{Weights: make([][]float64, 4), Wins: []int64{5, 9, 5, 7}, Thresholds: []float64{0.1, math.NaN(), 0.9, 0.5}}
	r := ranksOf(b)
	require.Equal(t, []int{2, 0, 3, 1}, r.share)
	require.Equal(t, []int{2, 3, 0, 1}, r.threshold)
	require.Equal(t, []int{0, 1, 2, 3}, ranksOf(Bank{Weights: make([][]float64, 4)}).share)

	section := parse(t, drawn()["report.html"]).byID(t, "features")
	var ids []string
	for _, in := range section.all("input") {
		ids = append(ids, in.attributes["id"])
		require.Contains(t, string(drawn()["report.html"]), fmt.Sprintf(`for="%s"`, in.attributes["id"]))
	}
	require.Equal(t, []string{"order-index", "order-share", "order-threshold"}, ids)
	want := ranksOf(synthetic().Layer.Banks[0])
	for k, f := range section.all("figure")[:16] {
		require.Equal(t, fmt.Sprintf("--share:%d;--threshold:%d", want.share[k], want.threshold[k]), strings.ReplaceAll(f.attributes["style"], " ", ""))
	}
	for _, in := range section.all("input")[1:] {
		require.Contains(t, pageCSS, "."+in.attributes["class"]+":checked", "the page's style knows the order")
	}
}
