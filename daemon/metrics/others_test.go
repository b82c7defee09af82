package metrics_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/metrics"
	"github.com/saccade-dev/saccade/daemon/service"
)

// changing is a source whose sensors come and go.
type changing struct{ sensors source }

func (c *changing) Sensors() []service.Snapshot { return c.sensors }

func (c *changing) Overview() service.Overview { return c.sensors.Overview() }

// limited gathers from a collector that gives labels to so many sensors.
func limited(t require.TestingT, s metrics.Source, labels int) *prometheus.Registry {
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(metrics.NewCollector(metrics.Watched{Source: s, SensorLabels: labels})))
	return registry
}

// However many sensors come, and whatever comes and goes, no more than so many have labels of their own, each for as
// long as it is there; all that the others have ever counted is in their sum, which never falls.
func TestOthers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(0, 4).Draw(rt, "labels")
		c := &changing{}
		registry := limited(rt, c, limit)
		var present [7]bool
		var count, life [7]int64
		counted := map[string]int64{} // by life of a sensor, when others were looked at
		own := map[string]bool{}
		last := 0.0
		for range rapid.IntRange(1, 12).Draw(rt, "looks") {
			c.sensors = nil
			for i := range present {
				switch rapid.IntRange(0, 5).Draw(rt, "what") {
				case 0:
					if present[i] = !present[i]; present[i] {
						life[i]++
						count[i] = 0
					}
				case 1, 2:
					if present[i] {
						count[i] += rapid.Int64Range(0, 1000).Draw(rt, "events")
					}
				default:
				}
				if present[i] {
					s := service.Snapshot{Running: true, Status: bus.Status{Sensor: strconv.Itoa(i), Events: count[i], QueueDepth: i, Learning: true}}
					s.Latency.Counts[i] = uint64(count[i])
					s.Latency.Sum = time.Duration(count[i]) * time.Second
					c.sensors = append(c.sensors, s)
				}
			}
			got := gathered(rt, registry)
			value := func(name, sensor string) (float64, bool) {
				text, there := got["saccade_"+name+`{sensor="`+sensor+`"}`]
				if !there {
					return 0, false
				}
				v, err := strconv.ParseFloat(text, 64)
				require.NoError(rt, err)
				return v, true
			}
			now := map[string]bool{}
			rest, queued := 0, 0
			for i := range present {
				name := strconv.Itoa(i)
				v, there := value("events_total", name)
				switch {
				case there:
					require.True(rt, present[i])
					require.EqualValues(rt, count[i], v)
					now[name] = true
				case present[i]:
					require.False(rt, own[name], "a sensor keeps its label")
					counted[fmt.Sprint(i, life[i])] = count[i]
					rest++
					queued += i
				}
			}
			require.LessOrEqual(rt, len(now), limit)
			if rest > 0 {
				require.Len(rt, now, limit, "no label is left unused")
			}
			own = now
			require.Equal(rt, strconv.Itoa(rest), got["saccade_unlabelled_sensors{}"])
			all := int64(0)
			for _, n := range counted {
				all += n
			}
			v, there := value("events_total", metrics.Others)
			require.Equal(rt, len(counted) > 0, there)
			if !there {
				continue
			}
			require.EqualValues(rt, all, v)
			require.GreaterOrEqual(rt, v, last)
			last = v
			v, _ = value("message_latency_seconds_count", metrics.Others)
			require.EqualValues(rt, all, v)
			v, _ = value("message_latency_seconds_sum", metrics.Others)
			require.EqualValues(rt, all, v)
			v, there = value("queue_messages", metrics.Others)
			require.Equal(rt, rest > 0, there)
			require.EqualValues(rt, queued, v)
		}
	})
}

// Of those without labels, what cannot be summed is told by the one that wants looking at.
func TestOthersTogether(t *testing.T) {
	a, b := whole("a"), whole("b")
	b.Checkpoint = service.Checkpoint{At: time.Unix(800, 0), Bytes: 1000, Sequence: 7000}
	b.Handled = time.Unix(2000, 0)
	b.Lag = nil
	got := gathered(t, limited(t, source{a, b, {Status: bus.Status{Sensor: "c"}}}, 0))
	for name, want := range map[string]string{
		"events_total":                   "420",
		"reprocessed_messages_total":     "8028",
		"checkpoint_timestamp_seconds":   "800",
		"checkpoint_bytes":               "5012",
		"checkpoint_stream_sequence":     "4013",
		"last_message_timestamp_seconds": "2000",
		"stream_lag_messages":            "4015",
		"learning":                       "2",
		"queue_messages":                 "42",
		"message_latency_seconds_sum":    "5",
	} {
		require.Equal(t, want, got["saccade_"+name+`{sensor="(others)"}`], name)
	}
	require.Equal(t, "22", got[`saccade_event_results_total{result="hit",sensor="(others)"}`])
	require.Equal(t, "600", got[`saccade_rejects_total{reason="`+string(service.Reasons()[0])+`",sensor="(others)"}`])
	require.Equal(t, "3", got["saccade_unlabelled_sensors{}"])
	for name := range gathered(t, limited(t, source{{Status: bus.Status{Sensor: "c"}}}, 0)) {
		require.NotContains(t, name, "reprocessed", "no stream has anything to tell")
	}
	for name := range got {
		require.NotContains(t, name, `sensor="a"`)
		require.NotContains(t, name, "layer")
	}
	subjects, err := bus.NewSubjects("x")
	require.NoError(t, err)
	_, err = subjects.Sensor(metrics.Others)
	require.Error(t, err, "no sensor has that name")
}
