package report

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBalance(t *testing.T) {
	l := Layer{DeltaI: 0.001, DeltaE: 0.003}
	b, ok := l.Balance(16)
	require.True(t, ok)
	require.InDelta(t, 1.0/48, b, 1e-15)
	require.InDelta(t, 1.0/49, rateOf(b), 1e-15, "one miss in 49 events is one miss to 48 hits")
	for name, l := range map[string]Layer{
		"no steps": {}, "no fall": {DeltaI: 1}, "NaN": {DeltaI: math.NaN(), DeltaE: 1}, "negative": {DeltaI: -1, DeltaE: -1},
		"infinite": {DeltaI: math.Inf(1), DeltaE: 1},
	} {
		_, ok := l.Balance(16)
		require.False(t, ok, name)
	}
	_, ok = l.Balance(0)
	require.False(t, ok)
}

// A bank that follows the rule to the letter is found at its balance.
func TestBalanceOfARun(t *testing.T) {
	l := Layer{DeltaI: 0.001, DeltaE: 0.003, Banks: []Bank{{Name: "ON"}}}
	b := &l.Banks[0]
	for i := range int64(101) {
		// All is missed in the first tenth, then one event in 49.
		s := Sample{Events: 490 * i, Thresholds: make([]float64, 16)}
		s.Missed = min(i, 10)*490 + max(i-10, 0)*10
		b.History = append(b.History, s)
	}
	v := balances(l)
	require.Len(t, v, 1)
	require.Equal(t, balanceView{
		Name: "ON", Class: "on", Neurons: 16, Expected: "0.0208", Found: "0.0208", ExpectedRate: "2.04\u00a0%", Share: "2.04\u00a0%",
	}, v[0])
	b.History = []Sample{{Events: 10, Missed: 10, Thresholds: make([]float64, 16)}}
	require.Equal(t, "no hits", balances(l)[0].Found)
}

func TestThinnedKeepsTheTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, most := rapid.IntRange(0, 2000).Draw(t, "n"), rapid.IntRange(1, 300).Draw(t, "most")
		history := make([]Sample, n)
		for i := range history {
			history[i].Events = int64(i + 1)
		}
		thin := thinned(history, most)
		require.LessOrEqual(t, len(thin), most+1)
		if n > 0 {
			require.Equal(t, history[0].Events, thin[0].Events)
			require.Equal(t, history[n-1].Events, thin[len(thin)-1].Events)
		}
		require.True(t, slices.IsSortedFunc(thin, func(a, b Sample) int { return int(a.Events - b.Events) }))
	})
}

func TestMissedChartDrawsEachBalanceOnce(t *testing.T) {
	l := synthetic().Layer
	lines := func() int {
		c, _ := missedChart(l, eventUnit(l.Banks))
		return strings.Count(c.Inline(), `class="line reference"`)
	}
	require.Equal(t, 2, lines(), "one across the chart, one in the key")
	l.Banks[0] = Bank{Name: "OFF", History: []Sample{{Events: 10, Missed: 1, Thresholds: make([]float64, 4)}}}
	require.Equal(t, 3, lines(), "banks of other sizes rest elsewhere")
	l.DeltaE = 0
	require.Equal(t, 0, lines())
}

func TestThresholdChartBoundsItsLines(t *testing.T) {
	b := Bank{Name: "merged"}
	for i := range 2 {
		th := make([]float64, 500)
		for k := range th {
			th[k] = float64(k) / 500
		}
		b.History = append(b.History, Sample{Events: int64(i), Thresholds: th})
	}
	c, caption := thresholdChart(b, "other0", unit{1, "events"}, 0, 1, maxLines)
	require.Equal(t, maxLines, strings.Count(c.Inline(), `class="line faint`))
	require.Equal(t, 1, strings.Count(c.Inline(), `class="line mean`))
	require.Contains(t, caption, "64 of 500")
	require.Contains(t, c.Inline(), "mean 0.499")
}

func TestLatencyQuantiles(t *testing.T) {
	var l Latency
	for i := range 100 {
		l.Samples = append(l.Samples, time.Duration(100-i)*time.Millisecond)
	}
	p50, p99, ok := l.quantiles()
	require.True(t, ok)
	require.Equal(t, 50*time.Millisecond, p50)
	require.Equal(t, 99*time.Millisecond, p99)
	require.Equal(t, 100*time.Millisecond, l.Samples[0], "the caller's samples stay as they are")
	l.P99 = time.Second
	_, p99, _ = l.quantiles()
	require.Equal(t, time.Second, p99, "the caller's own number is the one shown")
	_, _, ok = Latency{}.quantiles()
	require.False(t, ok)
	p50, p99, _ = Latency{Samples: []time.Duration{7}}.quantiles()
	require.Equal(t, []time.Duration{7, 7}, []time.Duration{p50, p99})
}

// The bars of the histogram hold every positive sample once.
func TestLatencyBarsHoldEverySample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(rapid.OneOf(rapid.Int64(), rapid.Int64Range(1, 1e9)), 0, 60).Draw(t, "samples")
		l := Latency{}
		positive := 0
		for _, s := range samples {
			l.Samples = append(l.Samples, time.Duration(s))
			if s > 0 {
				positive++
			}
		}
		v, _ := drawLatency(l)
		if positive == 0 {
			require.NotEmpty(t, v.Empty)
			return
		}
		sum := 0
		for _, bar := range parse(t, []byte(v.Chart.SVG)).all("rect") {
			var n int
			words := strings.Fields(bar.text)
			for _, c := range words[len(words)-2] {
				n = 10*n + int(c-'0')
			}
			sum += n
		}
		require.Equal(t, positive, sum)
	})
}

func TestConfusionChart(t *testing.T) {
	m := Confusion{Labels: []string{"a", "b", "c"}, Counts: [][]int{{3, 1, 0}, {0, 4, 0}, {0, 0, 0}}}
	v, files := drawConfusion(m)
	require.Len(t, files, 1)
	chart := parse(t, []byte(v.Chart.SVG))
	require.Equal(t, "Confusion matrix: accuracy 87.5\u00a0%", chart.all("svg")[0].attributes["aria-label"])
	opacity := map[string]string{}
	for _, r := range chart.all("rect") {
		if r.text != "" {
			opacity[r.text] = r.attributes["class"] + " " + r.attributes["fill-opacity"]
		}
	}
	require.Equal(t, map[string]string{
		"is a, taken for a: 3 of 4 (75.0\u00a0%)": "cell right 0.785",
		"is a, taken for b: 1 of 4 (25.0\u00a0%)": "cell wrong 0.355",
		"is b, taken for b: 4 of 4 (100\u00a0%)":  "cell right 0.999",
		"a: 3 of 4":                               "bar right ",
		"b: 4 of 4":                               "bar right ",
	}, opacity)
	require.Contains(t, chart.text, "75.0\u00a0%")
	require.Contains(t, chart.text, "none", "a class without recordings has no recall")
}

// With very many classes the matrix stays of a size that can be shown.
func TestConfusionOfManyClasses(t *testing.T) {
	for _, n := range []int{1, 13, 25, 101, 1000} {
		m := Confusion{Labels: make([]string, n), Counts: make([][]int, n)}
		for i := range n {
			m.Labels[i] = strings.Repeat("label ", i%5)
			m.Counts[i] = make([]int, n)
			m.Counts[i][i] = 1 + i*100
		}
		v, _ := drawConfusion(m)
		root := parse(t, []byte(v.Chart.SVG))
		require.NotContains(t, string(v.Chart.SVG), "NaN")
		if n <= 50 {
			require.GreaterOrEqual(t, len(root.all("rect")), n*n)
		} else {
			require.Less(t, len(root.all("rect")), 3*n, "empty cells are not drawn one by one")
		}
		require.Equal(t, n > 14, v.Wide)
	}
}

func TestNumbersAsText(t *testing.T) {
	for want, got := range map[string]string{
		"0\u00a0%": percent(0), "100\u00a0%": percent(1), "96.7\u00a0%": percent(0.9667), "2.04\u00a0%": percent(0.0204),
		"not a number": percent(math.NaN()), "infinite": percent(math.Inf(-1)),
		"1,234,567": count(1234567), "-999": count(-999), "-9,223,372,036,854,775,808": count(math.MinInt64),
		"1 event": plural(1, "event"), "2,000 events": plural(2000, "event"),
		"312\u00a0k": short(312345), "1\u00a0M": short(999950), "12.5": short(12.5), "999": short(999),
		"408\u00a0µs": seconds(408e-6), "1\u00a0ms": seconds(0.99996e-3), "0\u00a0s": seconds(0), "50\u00a0ns": seconds(50e-9),
		"1.24\u00a0s": seconds(1.2399), "41.3\u00a0s": longDuration(41300 * time.Millisecond), "3m5s": longDuration(185 * time.Second),
	} {
		require.Equal(t, want, got)
	}
}

func TestClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 50).Draw(t, "most")
		s := clean(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")), most)
		require.LessOrEqual(t, len([]rune(s)), most)
		require.NotRegexp(t, `[\x00-\x1f\x7f-\x9f\x{202a}-\x{202e}]`, s)
		require.Equal(t, s, clean(s, most), "clean text stays as it is")
	})
	require.Equal(t, "a b", clean(" a\tb\n", 10))
	require.Equal(t, "abc…", clean("abcdef", 4))
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"OFF": "off", "ON + OFF": "on-off", "../../etc/passwd": "etc-passwd", "é": "bank", "": "bank", strings.Repeat("ab ", 40): "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a",
	} {
		require.Equal(t, want, slug(in), in)
	}
	n := newNames()
	require.Equal(t, []string{"a.png", "a-2.png", "a-3.png"}, []string{n.take("a", ".png"), n.take("a", ".png"), n.take("a", ".png")})
}
