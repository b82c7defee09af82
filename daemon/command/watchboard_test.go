package command

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
)

// boardTest feeds a board with messages as the daemon publishes them.
type boardTest struct {
	*board
	subjects bus.Subjects
	now      time.Time
}

func newBoardTest(t require.TestingT) *boardTest {
	s, err := bus.NewSubjects("saccade")
	require.NoError(t, err)
	return &boardTest{newBoard(), s, time.Date(2026, 7, 31, 14, 3, 0, 0, time.UTC)}
}

func (b *boardTest) send(subject string, data []byte, h nats.Header) {
	b.take(b.now, b.subjects, &nats.Msg{Subject: subject, Data: data, Header: h})
}

// features sends a message whose events were won as told, -1 for a miss.
func (b *boardTest) features(t require.TestingT, sensor, recording string, winners ...int16) {
	in := make([]events.Event, len(winners))
	for i, w := range winners {
		if w < 0 {
			winners[i] = hw.Missed
		}
	}
	data, counts := bus.AppendFeatures(nil, in, winners, false)
	h := nats.Header{}
	require.NoError(t, (&bus.FeaturesHeader{Recording: recording, Counts: counts}).Set(h))
	b.send("saccade."+sensor+".features", data, h)
}

func document[T bus.Document](t require.TestingT, m T) []byte {
	data, err := bus.Encode(m)
	require.NoError(t, err)
	return data
}

func (b *boardTest) status(t require.TestingT, sensor string, s bus.Status) {
	b.send("saccade."+sensor+".status", document(t, s), nil)
}

// shown is what stands in the view, sensor lines without their indentation.
func (b *boardTest) shown(wide int) string {
	return strings.Join(b.view(b.now, blocks, wide, 200, ""), "\n")
}

func TestBoardCountsFeatures(t *testing.T) {
	b := newBoardTest(t)
	require.Equal(t, "14:03:00  nothing has come yet", b.shown(100))
	b.status(t, "cam", bus.Status{}) // of one layer
	for range 4 {
		b.features(t, "cam", "3/a.bin", 7, 7, 7, 2, -1, 7, 7, 7, 2, 7)
		b.now = b.now.Add(time.Second)
	}
	text := b.shown(100)
	require.Contains(t, text, "1 sensor\n\ncam  not learning  3/a.bin\n")
	require.Contains(t, text, "  events               10/s   0 in all")
	require.Contains(t, text, "  missed          10.00 %   ████  10.00 to 10.00 %, 4 s\n")
	require.Contains(t, text, "  features   ")
	require.Contains(t, text, "#7    ████████████ 77.78 %   #2    ███▍         22.22 %")

	// Nothing comes any more: the line has gaps, and then nothing to say.
	b.now = b.now.Add(2 * time.Second)
	require.Contains(t, b.shown(100), "████    10.00 to 10.00 %, 6 s\n")
	b.now = b.now.Add(time.Hour)
	require.Contains(t, b.shown(100), "  events                0/s   0 in all")
	require.Contains(t, b.shown(100), "nothing came in the last 45 seconds", "as far as there is room for")
}

func TestBoardShowsStatus(t *testing.T) {
	b := newBoardTest(t)
	s := bus.Status{
		Sensor: "cam", Device: "avx2", Encoding: "mono", Width: 34, Height: 34, Learning: true, Events: 1000, Features: 900, Missed: 50,
		Recordings: 12, ThresholdMean: 0.6, ThresholdMin: 0.4, ThresholdMax: 0.8,
	}
	b.status(t, "cam", s)
	text := b.shown(120)
	require.Contains(t, text, "cam  34x34 mono on avx2  learning\n")
	require.Contains(t, text, "1,000 in all, 12 recordings\n")
	require.Contains(t, text, "0.600   mean, 0.400 to 0.800\n")
	require.Contains(t, text, "  layer      not settled: too few events yet to tell")
	require.NotContains(t, text, "trouble")

	// Without features the status's counters are what is counted.
	b.now = b.now.Add(time.Second)
	s.Events, s.Features, s.Missed, s.Gaps, s.QueueDepth = 1600, 1410, 70, 3, 2
	s.Settled, s.Change = true, &monitor.Finding{Change: monitor.Settled, At: 65_536}
	s.Interval = &monitor.Interval{All: monitor.Signals{ThresholdMean: 0.61, ThresholdSD: 0.09, ThresholdMin: 0.39, ThresholdMax: 0.83}}
	s.Balance = &monitor.Balance{State: monitor.Balanced, Measured: 0.0211, Expected: 0.0208, Ratio: 1.01}
	b.status(t, "cam", s)
	b.now = b.now.Add(5 * time.Second)
	text = b.shown(120)
	require.Contains(t, text, "  events              120/s   1,600 in all, 12 recordings, 2 messages waiting\n")
	require.Contains(t, text, "0.0211   misses per hit, balanced: ×1.01 of the 0.0208 at rest\n")
	require.Contains(t, text, "0.610   mean, sd 0.090, 0.390 to 0.830")
	require.Contains(t, text, "  layer      settled after 65,536 events, 5s ago\n")
	require.Contains(t, text, "  trouble    3 messages missing")

	s.Settled, s.Change = false, &monitor.Finding{Change: monitor.Drift, At: 99_999, Signal: "misses per hit"}
	b.status(t, "cam", s)
	require.Contains(t, b.shown(120), "drifted after 99,999 events, 0s ago: misses per hit\n")
	// A daemon that has started again counts from 0: that is no rate.
	b.status(t, "cam", bus.Status{Events: 5})
	b.now = b.now.Add(time.Second)
	require.Contains(t, b.shown(120), "  events                0/s")
	require.Contains(t, b.shown(120), "not learning")
}

// What was found before the watch began has no time of day.
func TestBoardDoesNotGuessWhen(t *testing.T) {
	b := newBoardTest(t)
	s := bus.Status{Settled: true, Change: &monitor.Finding{Change: monitor.Settled, At: 7}}
	b.status(t, "cam", s)
	b.now = b.now.Add(time.Minute)
	b.status(t, "cam", s)
	require.Contains(t, b.shown(80), "  layer      settled after 7 events")
	require.NotContains(t, b.shown(80), "ago", "and what is not known is left off")
	require.NotContains(t, b.shown(80), "0x0")
}

func TestBoardShowsLabels(t *testing.T) {
	b := newBoardTest(t)
	for i, truth := range []string{"7", "7", "1"} {
		b.send("saccade.cam.labels", document(t, bus.Label{Label: "7", Truth: truth, Confidence: 0.875, Recording: fmt.Sprint(i)}), nil)
	}
	b.now = b.now.Add(3 * time.Second)
	require.Contains(t, b.shown(100), "  label      7   confidence 0.88, wrong: it is 1  2, 3s ago; 2 of 3 right")
}

// What others publish does not reach the terminal as it is, fill it, or stop the view.
func TestBoardIsNotFooled(t *testing.T) {
	b := newBoardTest(t)
	hostile := "\x1b[2J\r\n\x07" + strings.Repeat("x", 5000)
	b.send("saccade.cam.labels", document(t, bus.Label{Label: hostile, Recording: hostile, Truth: hostile}), nil)
	b.send("saccade.cam.rejects", document(t, bus.Reject{Reason: "\x1b[31m", Error: hostile}), nil)
	b.status(t, "cam", bus.Status{Device: hostile, Encoding: hostile, Recording: hostile, Change: &monitor.Finding{Change: "\x1b[2J", Signal: hostile}})
	b.send("saccade.cam.status", []byte("{"), nil)
	b.send("saccade.cam.features", []byte("odd"), nil)
	b.send("saccade.\x1b[2J.features", nil, nil)
	b.send("saccade._.rejects", document(t, bus.Reject{Reason: "subject", Error: "nobody"}), nil)
	require.Equal(t, 3, b.unread)
	for i := range 2 * maxWatched {
		b.features(t, fmt.Sprintf("s%d", i), "", 1)
	}
	require.Len(t, b.sensors, maxWatched)
	for _, wide := range []int{1, 20, 80} {
		for _, high := range []int{1, 2, 24, 10_000} {
			lines := b.view(b.now, blocks, wide, high, hostile)
			require.LessOrEqual(t, len(lines), max(high-1, 1))
			for _, l := range lines[1:] {
				require.LessOrEqual(t, len([]rune(l)), wide, "%q", l)
				require.Equal(t, printable(l), l)
			}
		}
	}
	text := b.shown(80)
	require.Contains(t, text, "3 messages could not be understood")
	require.Contains(t, text, fmt.Sprintf("%d messages of sensors beyond %d", maxWatched+2, maxWatched))
	require.Contains(t, strings.Join(b.view(b.now, blocks, 80, 24, ""), "\n"), "further lines: a higher window shows them")
}

func TestViewInASCII(t *testing.T) {
	b := newBoardTest(t)
	b.features(t, "cam", "ß/a.bin", 0, 1, 1, -1)
	b.now = b.now.Add(time.Second)
	text := strings.Join(b.view(b.now, ascii, 80, 50, ""), "\n")
	require.NotRegexp(t, `[^\x00-\x7f]`, text)
	require.Contains(t, text, "cam  ?/a.bin")
	require.Contains(t, text, "#1    ############")
}

// Whatever comes when, rates count each event of the seconds that they are of once.
func TestRatesLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBoardTest(t)
		sent := map[int64]int64{}
		b.features(t, "cam", "")
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			n := rapid.IntRange(0, 20).Draw(t, "events")
			b.features(t, "cam", "", make([]int16, n)...)
			sent[b.now.Unix()] += int64(n)
			b.now = b.now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "ms")) * time.Millisecond)
		}
		w := b.sensors["cam"]
		seconds := w.last(b.now, watchWindow)
		require.LessOrEqual(t, len(seconds), watchWindow)
		for _, s := range seconds {
			require.Equal(t, sent[s.at], s.events, "second %d", s.at)
			require.Less(t, s.at, b.now.Unix(), "the second that runs is not over")
		}
	})
}

// Old wins fade, so that what is used now is what is seen.
func TestUsageFades(t *testing.T) {
	var u usage
	now := time.Date(2026, 7, 31, 14, 3, 0, 0, time.UTC)
	wins := func(feature uint16, n int) []bus.FeatureEvent {
		out := make([]bus.FeatureEvent, n)
		for i := range out {
			out[i].Feature = feature
		}
		return out
	}
	require.Empty(t, u.top(3))
	u.add(now, wins(5, 1000))
	u.add(now.Add(10*usageHalf), wins(2, 10))
	top := u.top(3)
	require.Equal(t, 2, top[0].feature)
	require.InDelta(t, 10/(10+1000.0/1024), top[0].share, 1e-9)
	require.Len(t, u.top(1), 1)
}
