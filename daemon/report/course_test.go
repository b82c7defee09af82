package report

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/monitor"
)

func TestCourseCharts(t *testing.T) {
	l := synthetic().Layer
	views, files := courseCharts(l, "")
	require.Len(t, views, 4)
	require.Len(t, files, 4)
	for _, v := range views {
		svg := string(v.SVG)
		require.Equal(t, 2, strings.Count(svg, `class="line mark"`), v.File)
		text := parse(t, []byte(svg)).text
		require.Contains(t, text, "settled", v.File)
		require.Contains(t, text, "drift", v.File)
		require.Contains(t, text, "thousands of events that came to the layer", v.File)
		require.Equal(t, 1, strings.Count(svg, `class="line off"`), v.File)
		require.Equal(t, 1, strings.Count(svg, `class="line on"`), v.File)
	}
	require.Equal(t, 2, strings.Count(string(views[0].SVG), `<path class="area`), "range and deviation")
	require.Equal(t, 1, strings.Count(string(views[1].SVG), `class="line reference"`), "the balance")
	require.Contains(t, views[1].Caption, "ΔI/(N·ΔE) = 0.0208.")

	l.DeltaE = 0
	l.Banks = l.Banks[:1]
	views, _ = courseCharts(l, "")
	require.NotContains(t, string(views[1].SVG), "reference", "no balance is known")
	require.NotContains(t, string(views[1].SVG), `class="line off"`, "one bank is all")
	views, files = courseCharts(Layer{}, "")
	require.Empty(t, views)
	require.Empty(t, files)
}

// The balance is drawn where it is, and misses at the balance lie on it.
func TestBalanceLineStandsWhereItIs(t *testing.T) {
	l := Layer{DeltaI: 0.001, DeltaE: 0.003, Banks: []Bank{{Name: "merged", Thresholds: make([]float64, 16)}}}
	for i := range 4 {
		s := monitor.Signals{Hits: 48_000, Missed: 1000, MissesPerHit: 1.0 / 48, MissedRate: 1.0 / 49}
		l.Course.Intervals = append(l.Course.Intervals, monitor.Interval{From: uint64(i) * 50_000, To: uint64(i+1) * 50_000, All: s, Banks: []monitor.Signals{s}})
	}
	views, _ := courseCharts(l, "")
	root := parse(t, []byte(views[1].SVG))
	level := ""
	for _, e := range root.all("line") {
		if e.attributes["class"] == "line reference" {
			level = e.attributes["y1"]
			require.Equal(t, level, e.attributes["y2"])
		}
	}
	require.NotEmpty(t, level)
	for _, e := range root.all("path") {
		for _, p := range strings.FieldsFunc(e.attributes["d"], func(r rune) bool { return r == 'M' || r == 'L' }) {
			_, y, _ := strings.Cut(p, " ")
			require.Equal(t, level, y)
		}
	}
}

// Signals that cannot be drawn are gaps, and findings without end are counted.
func TestCourseOfOddNumbers(t *testing.T) {
	l := synthetic().Layer
	for i := range l.Course.Intervals {
		s := &l.Course.Intervals[i].All
		switch i % 4 {
		case 0:
			*s = monitor.Signals{}
		case 1:
			s.ThresholdMean, s.ThresholdSD, s.MissesPerHit = math.NaN(), math.Inf(1), math.MaxFloat64
		}
	}
	l.Course.Findings = nil
	for i := range 100 {
		l.Course.Findings = append(l.Course.Findings, monitor.Finding{Change: monitor.Drift, At: uint64(i) * 20_000})
	}
	l.Course.Findings = append(l.Course.Findings, monitor.Finding{Change: monitor.Settled, At: math.MaxUint64})
	views, _ := courseCharts(l, "")
	for _, v := range views {
		require.NotRegexp(t, `"[^"]*(NaN|Inf)[^"]*"`, string(v.SVG))
		require.Equal(t, maxMarks, strings.Count(string(v.SVG), `class="line mark"`))
	}
	told := findings(l.Course)
	require.Len(t, told, maxMarks+1)
	require.Equal(t, "and 77 more", told[maxMarks])
	require.Equal(t, "drift after 20,000 events", told[1])
}
