package command

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/stack"
)

// twoLayers is a status of a sensor with two layers, the second with a tenth of misses.
func twoLayers(events int64) bus.Status {
	first, second := events*8/10, events*8/10*9/10
	return bus.Status{
		Sensor: "cam", Device: "avx2", Encoding: "mono", Width: 34, Height: 34, Learning: true,
		Events: events, Features: second, Missed: events/10 + first - second, Border: events / 10, MissedRate: 1.0 / 9,
		Layers: []bus.LayerStatus{{
			Width: 34, Height: 34, Neurons: 32, Events: events, Features: first, Missed: events / 10, Border: events / 10, MissedRate: 1.0 / 9,
			ThresholdMean: 0.6, ThresholdMin: 0.4, ThresholdMax: 0.8, Settled: true,
			Change:  &monitor.Finding{Change: monitor.Settled, At: 65_536},
			Balance: &monitor.Balance{State: monitor.Balanced, Measured: 0.0000814, Expected: 0.0000802, Ratio: 1.01},
			Interval: &monitor.Interval{
				All:          monitor.Signals{Hits: 10, ThresholdMean: 0.61, ThresholdSD: 0.09, ThresholdMin: 0.39, ThresholdMax: 0.83, ThresholdChange: 0.0012, UsageEntropy: 4.5, UsageRelative: 0.9},
				WeightChange: new(0.00123),
			},
		}, {
			Width: 17, Height: 17, Neurons: 8, Events: first, Features: second, Missed: first - second, MissedRate: 0.1,
			ThresholdMean: 0.5, ThresholdMin: 0.25, ThresholdMax: 0.75,
		}},
	}
}

// Every layer is shown with what it missed itself, whatever the features say.
func TestBoardShowsLayers(t *testing.T) {
	b := newBoardTest(t)
	s := twoLayers(1000)
	b.status(t, "cam", s)
	b.now = b.now.Add(time.Second)
	b.features(t, "cam", "3/a.bin", 1, 1, -1, 2)
	s = twoLayers(2000)
	s.Layers[1].Change = &monitor.Finding{Change: monitor.Drift, At: 900, Signal: "usage variation"}
	b.status(t, "cam", s)
	b.now = b.now.Add(2 * time.Second)
	text := b.shown(120)
	require.Contains(t, text, "cam  34x34 mono on avx2  learning\n")
	require.Contains(t, text, "\n  layer 1    32 features over 34x34 pixels, settled after 65,536 events\n  missed          11.11 %   ")
	require.Contains(t, text, "11.11 to 11.11 %, 2 s\n  balance       0.0000814   misses per hit, balanced: ×1.01 of the 0.0000802 at rest\n")
	require.Contains(t, text, "\n  thresholds        0.610   mean, sd 0.090, 0.390 to 0.830, moving by 0.0012 in 1,000 events\n")
	require.Contains(t, text, "\n  usage              4.50   bits, 90.00 % of even use; weights turned by 0.00123\n")
	require.Contains(t, text, "\n  layer 2    8 features over 17x17 pixels, drifted after 900 events of its own, 2s ago: usage variation\n  missed          10.00 %   ")
	require.Contains(t, text, "\n  thresholds        0.500   mean, 0.250 to 0.750\n")

	// The line for a message says the same.
	require.Equal(t, "2000 events, layer 1: 11.11 % missed, thresholds 0.600 (0.400 to 0.800), layer 2: 10.00 % missed, thresholds 0.500 (0.250 to 0.750), queue 0, rejects 0, gaps 0", statusLine(&s))
	one := bus.Status{Events: 5, MissedRate: 0.25, ThresholdMean: 0.5, ThresholdMin: 0.25, ThresholdMax: 0.75}
	require.Equal(t, "5 events, 25.00 % missed, thresholds 0.500 (0.250 to 0.750), queue 0, rejects 0, gaps 0", statusLine(&one), "of a daemon that lists no layers")
	one.Filtered = bus.Filtered{Refractory: 1, Background: 2}
	require.Equal(t, "5 events, 60.00 % filtered, 25.00 % missed, thresholds 0.500 (0.250 to 0.750), queue 0, rejects 0, gaps 0", statusLine(&one))
}

// What each layer missed is known from the difference of two statuses: until then nothing
// is said of it, neither that nothing came nor the misses of all layers in one.
func TestBoardWaitsForTwoStatuses(t *testing.T) {
	const none = "\n  missed                –"
	b := newBoardTest(t)
	b.features(t, "cam", "3/a.bin", 1, 1, -1, 2)
	b.now = b.now.Add(time.Second)
	b.features(t, "cam", "3/a.bin", 1, 1, -1, 2)
	text := b.shown(120)
	require.Contains(t, text, "  events                4/s\n", "which the features tell")
	require.Contains(t, text, none+"   a status tells of which layer\n")
	for range 2 {
		b.status(t, "cam", twoLayers(1000))
		for range 3 {
			text = b.shown(120)
			require.Equal(t, 2, strings.Count(text, none+"   known from the second status on\n"), text)
			require.NotContains(t, text, "nothing came")
			b.now = b.now.Add(time.Second)
			b.features(t, "cam", "3/a.bin", 1, 1, -1, 2)
		}
		// A sensor that has another number of layers now begins anew.
		s := twoLayers(2000)
		s.Layers = append(s.Layers, s.Layers[1])
		b.status(t, "cam", s)
		require.Equal(t, 3, strings.Count(b.shown(120), none))
	}
	b.status(t, "cam", twoLayers(1000))
	b.status(t, "cam", twoLayers(2000))
	require.Equal(t, 2, strings.Count(b.shown(120), none+"\n"), "the second is not over")
	require.Equal(t, 2, strings.Count(b.shown(40), none+"\n"))
	b.now = b.now.Add(time.Second)
	text = b.shown(120)
	require.NotContains(t, text, none)
	require.Contains(t, text, "11.11 to 11.11 %, 1 s\n")
	b.now = b.now.Add(time.Hour)
	require.Equal(t, 2, strings.Count(b.shown(120), "nothing came in the last 59 seconds"), "that is known")
}

// A sensor without features is known from the differences of its statuses alone, too.
func TestBoardWaitsWithoutFeatures(t *testing.T) {
	b := newBoardTest(t)
	s := bus.Status{Events: 1000, Features: 900, Missed: 100}
	b.status(t, "cam", s)
	b.now = b.now.Add(time.Second)
	require.Contains(t, b.shown(120), "\n  missed                –   known from the second status on\n")
	require.Contains(t, b.shown(40), "\n  missed                –\n", "there is no room")
	require.Contains(t, strings.Join(b.view(b.now, ascii, 120, 50), "\n"), "\n  missed                -   known")
	s.Events, s.Features, s.Missed = 2000, 1650, 350
	b.status(t, "cam", s)
	b.now = b.now.Add(time.Second)
	require.Contains(t, b.shown(120), "\n  events            1,000/s")
	require.Contains(t, b.shown(120), "25.00 to 25.00 %, 1 s\n")
}

// However many layers a status claims, and whatever they have counted, the view stands.
func TestBoardIsNotFooledByLayers(t *testing.T) {
	b := newBoardTest(t)
	s := bus.Status{Layers: make([]bus.LayerStatus, 300)}
	b.status(t, "cam", s)
	for i := range s.Layers {
		s.Layers[i].Missed, s.Layers[i].Features, s.Layers[i].Neurons = int64(i)<<40, 1<<62, -1
	}
	b.status(t, "cam", s)
	s.Layers = s.Layers[:3]
	b.status(t, "cam", s)
	s.Layers = append(s.Layers, make([]bus.LayerStatus, stack.MaxLayers)...)
	b.status(t, "cam", s)
	b.now = b.now.Add(time.Second)
	text := b.shown(80)
	require.Contains(t, text, "layer 8 ")
	require.NotContains(t, text, "layer 9")
}
