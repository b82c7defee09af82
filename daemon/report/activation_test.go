package report

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// By hand: the other classes' 30 recordings have a mean of 0.2 and, of two groups
// about 0.1 and 0.25 with deviations of 0.01 and 0.02, a variance of 0.0053.
func TestTellings(t *testing.T) {
	a := Activation{Classes: []Class{
		{Recordings: 20, Mean: []float64{0.5, 0.1, 0.3}, SD: []float64{0.03, 0.1, 0}},
		{Recordings: 10, Mean: []float64{0.1, 0.4, 0.1}, SD: []float64{0.01, 0.1, 0}},
		{Recordings: 20, Mean: []float64{0.25, 0.4, 0.1}, SD: []float64{0.02, 0.1, 0}},
		{Recordings: 0, Mean: []float64{1, 1, 1}, SD: []float64{0, 0, 0}},
	}}
	got := tellings(a, 0)
	require.Len(t, got, 2, "of the second feature it has less")
	require.Equal(t, 2, got[0].feature)
	require.InDelta(t, mostApart, got[0].apart, 0, "shares that never vary tell most")
	require.Equal(t, 0, got[1].feature)
	require.InDelta(t, 0.2, got[1].others, 1e-12)
	require.InDelta(t, 0.3/math.Sqrt((0.0009+0.0053)/2), got[1].apart, 1e-9)
	require.Equal(t, 30, got[1].against)
	require.Empty(t, tellings(a, 3), "without recordings nothing can be told")
	require.Empty(t, tellings(Activation{Classes: a.Classes[:1]}, 0), "nor without others")
}

// Tellings of per-recording shares are Cohen's d of the shares themselves.
func TestTellingsAreOfRecordings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a Activation
		shares := make([][]float64, 3)
		for c := range shares {
			for range rapid.IntRange(1, 6).Draw(t, "recordings") {
				shares[c] = append(shares[c], rapid.Float64Range(0, 1).Draw(t, "share"))
			}
			m, sd := moments(shares[c])
			a.Classes = append(a.Classes, Class{Recordings: len(shares[c]), Mean: []float64{m}, SD: []float64{sd}})
		}
		m, sd := moments(shares[0])
		others, spread := moments(slices.Concat(shares[1], shares[2]))
		got := tellings(a, 0)
		if m-others < 1e-9 || sd+spread < 1e-6 {
			return
		}
		require.Len(t, got, 1)
		require.InEpsilon(t, min((m-others)/math.Sqrt((sd*sd+spread*spread)/2), mostApart), got[0].apart, 1e-6)
	})
}

func moments(values []float64) (mean, sd float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		sd += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, math.Sqrt(sd)
}

func TestHeatChart(t *testing.T) {
	l := Layer{Banks: []Bank{{Name: "OFF", Wins: make([]int64, 1)}, {Name: "ON", Wins: make([]int64, 2)}}}
	a := Activation{Classes: []Class{
		{Label: "a", Recordings: 2, Mean: []float64{0.2, 0.8, 0}, SD: make([]float64, 3)},
		{Label: "b", Recordings: 9, Mean: []float64{0.6, 0.4, 0}, SD: make([]float64, 3)},
		{Label: "none", Mean: make([]float64, 3), SD: make([]float64, 3)},
	}}
	c, caption := heatChart(l, a, portionOf(0, 1))
	svg := parse(t, []byte(c.Inline()))
	cells := map[string]string{}
	for _, r := range svg.all("rect") {
		if r.text != "" {
			cells[r.text] = r.attributes["class"] + " " + r.attributes["fill-opacity"]
		}
	}
	// Of OFF #0 the mean is 0.4: a has half of it, an octave below, b 1.5 times.
	require.Equal(t, map[string]string{
		"OFF #0: 40.0\u00a0% of the wins, mean over classes":                        "bar off ",
		"ON #0: 60.0\u00a0% of the wins, mean over classes":                         "bar on ",
		"ON #1: 0\u00a0% of the wins, mean over classes":                            "bar on ",
		"class a, OFF #0: 20.0\u00a0% of the wins, 0.5 times the mean over classes": "cell less 0.999",
		"class b, OFF #0: 60.0\u00a0% of the wins, 1.5 times the mean over classes": "cell more 0.585",
		"class a, ON #0: 80.0\u00a0% of the wins, 1.33 times the mean over classes": "cell more 0.415",
		"class b, ON #0: 40.0\u00a0% of the wins, 0.67 times the mean over classes": "cell less 0.585",
	}, cells)
	require.Contains(t, svg.text, "×2")
	require.NotContains(t, svg.text, "none", "a class without recordings has no row")
	require.NotContains(t, caption, "are drawn")
	c, _ = heatChart(l, Activation{Classes: a.Classes[2:]}, portionOf(0, 1))
	require.Nil(t, c)
}

// What is beyond the bounds is left out, and told.
func TestHeatChartOfMany(t *testing.T) {
	const features, classes = 300, 60
	l := Layer{Banks: []Bank{{Name: "merged", Wins: make([]int64, features)}}}
	var a Activation
	for i := range classes {
		c := Class{Label: fmt.Sprint("class ", i), Recordings: 1, Mean: make([]float64, features), SD: make([]float64, features)}
		for f := range c.Mean {
			c.Mean[f] = float64(f) / (features * features / 2)
		}
		a.Classes = append(a.Classes, c)
	}
	c, caption := heatChart(l, a, portionOf(0, 1))
	require.Contains(t, caption, "The first 40 of 60 classes are drawn.")
	require.Contains(t, caption, "Of 300 features the 128 with the largest shares are drawn.")
	require.Contains(t, c.Inline(), "merged #299", "the largest are the last")
	require.NotContains(t, c.Inline(), "merged #171")
	require.Less(t, len(c.Inline()), 600_000)
}

func TestFullOctaves(t *testing.T) {
	of := func(shares ...float64) float64 {
		return fullOctaves([]Class{{Mean: shares}}, []float64{0.1, 0.1}, []int{0, 1})
	}
	require.InDelta(t, 0.25, of(0.1, 0.1), 0)
	require.InDelta(t, 1, of(0.2, 0.2), 0)
	require.InDelta(t, 4, of(0, 0), 0, "nothing is as far below as can be")
	require.InDelta(t, 1, fullOctaves([]Class{{Mean: []float64{0}}}, []float64{0}, []int{0}), 0)
}

// For each class the page shows where, and the features that it has more of.
func TestClasses(t *testing.T) {
	run := synthetic()
	section := parse(t, drawn()["report.html"]).byID(t, "activity")
	require.Contains(t, section.text, "34×30 pixels")
	v, omitted, err := drawClasses(run.Layer, run.Activation, maxClassBytes)
	require.Zero(t, omitted)
	require.NoError(t, err)
	require.Len(t, v, 3)
	for i, c := range v {
		require.Equal(t, fmt.Sprint(i), c.Name)
		require.Len(t, c.Telling, 1)
		require.Equal(t, fmt.Sprintf("OFF #%d", i), c.Telling[0].Name)
		require.Equal(t, "6.06\u00a0%", c.Telling[0].Share)
		require.Equal(t, "others 3.03\u00a0%", c.Telling[0].Others)
		require.NotEmpty(t, c.Telling[0].Picture)
		picture := decodeURI(t, string(c.All))
		require.Equal(t, 34, picture.Bounds().Dx())
		require.Equal(t, 30, picture.Bounds().Dy())
	}
	run.Layer.Field.Geometry = events.Geometry{}
	v, _, err = drawClasses(run.Layer, run.Activation, maxClassBytes)
	require.NoError(t, err)
	require.Empty(t, v, "without a sensor there is no map")
}
