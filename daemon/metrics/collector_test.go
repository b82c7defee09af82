package metrics_test

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/metrics"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is a daemon of which everything is known.
type source []service.Snapshot

func (s source) Sensors() []service.Snapshot { return s }

// Overview has another number for everything. There are stalls as there are sensors.
func (s source) Overview() service.Overview {
	o := service.Overview{
		Sensors: 1001, MaxSensors: 1002, MaxQueueMessages: 1003, MaxQueueBytes: 1004, Connected: true,
		Traffic: nats.Statistics{Reconnects: 1005, InMsgs: 1006, InBytes: 1007, OutMsgs: 1008, OutBytes: 1009},
	}
	for i := range o.Unserved {
		o.Unserved[i] = uint64(1100 + i)
	}
	o.Wait.Counts[2], o.Wait.Sum = 7, 1500*time.Millisecond
	for _, one := range s {
		o.Stalls = append(o.Stalls, service.Stall{Sensor: one.Status.Sensor, For: time.Hour})
	}
	return o
}

// rejected has another number of rejects for every reason.
func rejected() (r service.Rejects) {
	for i := range r {
		r[i] = uint64(300 + i)
	}
	return r
}

// timed has one duration in each bucket.
func timed() (l service.Latency) {
	for i := range l.Counts {
		l.Counts[i] = 1
	}
	l.Sum = 2500 * time.Millisecond
	return l
}

// watched is a source of which all are told under their own names, and that is ready.
func watched(s metrics.Source) metrics.Watched {
	return metrics.Watched{Source: s, SensorLabels: 1 << 20, Ready: func() error { return nil }}
}

// whole is a sensor of which everything can be told, each number another.
func whole(name string) service.Snapshot {
	signals := monitor.Signals{
		Hits: 400, Missed: 100, MissedRate: 0.2, MissesPerHit: 0.25,
		ThresholdMean: 0.91, ThresholdSD: 0.03, ThresholdMin: 0.92, ThresholdMax: 0.93, ThresholdChange: 4,
		UsageEntropy: 3, UsageRelative: 0.75, UsageCV: 0.5, UsageLeast: 0.01, UsageMost: 0.4,
	}
	return service.Snapshot{
		Status: bus.Status{
			Sensor: name, Device: "purego", Encoding: "mono", Width: 34, Height: 33,
			Recordings: 105, Messages: 107, Bytes: 8, Events: 10210, Features: 5011, Missed: 3012, Border: 1013, Outside: 514, Noise: 415, Ignored: 245,
			Filtered: bus.Filtered{Refractory: 46, Background: 57},
			Labels:   116, Rejects: 117, Gaps: 118, Duplicates: 119, Refused: 20, Throttled: 11, MissedRate: 0.99, Learning: true,
			Layers: []bus.LayerStatus{{
				Width: 34, Height: 33, Neurons: 32,
				Events: 10200, Features: 7011, Missed: 1012, Border: 1013, Outside: 514, Noise: 415, Ignored: 235, MissedRate: 0.99,
				ThresholdMean: 0.5, ThresholdMin: 0.25, ThresholdMax: 0.75, Settled: true,
				Change:   &monitor.Finding{Change: monitor.Settled, At: 65536},
				Interval: &monitor.Interval{From: 0, To: 1000, Events: 1000, Learning: true, All: signals, WeightChange: new(0.125)},
				Balance:  &monitor.Balance{State: monitor.Rising, Measured: 0.25, Expected: 0.5, Ratio: 0.5},
			}, {
				Width: 17, Height: 17, Neurons: 8, Events: 7011, Features: 5011, Missed: 2000, MissedRate: 0.98,
				ThresholdMean: 0.6, ThresholdMin: 0.5, ThresholdMax: 0.7,
				Change: &monitor.Finding{Change: monitor.Drift, At: 6000, Signal: "misses per hit"},
			}},

			QueueDepth: 21, QueueBytes: 2200,
		},
		Before: pipeline.Counters{
			Messages: 100, Events: 10000, Hits: 5000, Missed: 3000, Border: 1000, Outside: 500, Noise: 400, Ignored: 100, Filtered: pipeline.Filtered{Refractory: 30, Background: 40},
			Rejects: 100, Duplicates: 100, Gaps: 100, Recordings: 100, Labels: 100,
		},
		LayersBefore: []feast.Counters{
			{Hits: 7000, Missed: 1000, Border: 1000, Outside: 500, Noise: 400, Ignored: 100}, {Hits: 5000, Missed: 2000},
		},
		DeviceFailures: 3,
		Handled:        time.Unix(1000, 5e8), Running: true,
		Latency: timed(), Rejected: rejected(), FeatureEvents: 4011,
		Checkpoint: service.Checkpoint{At: time.Unix(900, 0), Bytes: 4012, Sequence: 4013}, Reprocessed: 4014, Lag: new(uint64(4015)),
	}
}

// Everything of a sensor is told, under its name, and what was counted before the
// daemon is left out.
func TestCollector(t *testing.T) {
	want := map[string]string{
		"events_total":                                                                   "210",
		"published_feature_events_total":                                                 "4011",
		"reprocessed_messages_total":                                                     "4014",
		"throttled_messages_total":                                                       "11",
		"checkpoint_timestamp_seconds":                                                   "900",
		"checkpoint_bytes":                                                               "4012",
		"checkpoint_stream_sequence":                                                     "4013",
		"stream_lag_messages":                                                            "4015",
		"message_latency_seconds_count":                                                  strconv.Itoa(len(service.LatencyBounds()) + 1),
		"message_latency_seconds_sum":                                                    "2.5",
		"messages_total":                                                                 "7",
		"duplicate_messages_total":                                                       "19",
		"missing_messages_total":                                                         "18",
		"recordings_total":                                                               "5",
		"labels_total":                                                                   "16",
		"device_failures_total":                                                          "3",
		"received_bytes_total":                                                           "8",
		"rejected_messages_total":                                                        "17",
		"refused_messages_total":                                                         "20",
		"queue_messages":                                                                 "21",
		"queue_bytes":                                                                    "2200",
		"broken":                                                                         "0",
		`layer_events{layer="1",sensor="a"}`:                                             "10200",
		"learning":                                                                       "1",
		`settled{layer="1",sensor="a"}`:                                                  "1",
		`last_change_layer_events{layer="1",sensor="a"}`:                                 "65536",
		"last_message_timestamp_seconds":                                                 "1000.5",
		`missed_ratio{layer="1",sensor="a"}`:                                             "0.2",
		`misses_per_hit_ratio{layer="1",sensor="a"}`:                                     "0.25",
		`misses_per_hit_to_balance_ratio{layer="1",sensor="a"}`:                          "0.5",
		`threshold_mean_cosine{layer="1",sensor="a"}`:                                    "0.5",
		`threshold_least_cosine{layer="1",sensor="a"}`:                                   "0.25",
		`threshold_greatest_cosine{layer="1",sensor="a"}`:                                "0.75",
		`threshold_deviation_cosine{layer="1",sensor="a"}`:                               "0.03",
		`threshold_change_cosine_per_event{layer="1",sensor="a"}`:                        "0.004",
		`usage_entropy_ratio{layer="1",sensor="a"}`:                                      "0.75",
		`usage_variation_ratio{layer="1",sensor="a"}`:                                    "0.5",
		`drifting{layer="1",sensor="a"}`:                                                 "0",
		`weight_change_ratio{layer="1",sensor="a"}`:                                      "0.125",
		`layer_events{layer="2",sensor="a"}`:                                             "7011",
		`settled{layer="2",sensor="a"}`:                                                  "0",
		`drifting{layer="2",sensor="a"}`:                                                 "1",
		`last_change_layer_events{layer="2",sensor="a"}`:                                 "6000",
		`threshold_mean_cosine{layer="2",sensor="a"}`:                                    "0.6",
		`threshold_least_cosine{layer="2",sensor="a"}`:                                   "0.5",
		`threshold_greatest_cosine{layer="2",sensor="a"}`:                                "0.7",
		`layer_event_results_total{layer="1",result="hit",sensor="a"}`:                   "11",
		`layer_event_results_total{layer="1",result="missed",sensor="a"}`:                "12",
		`layer_event_results_total{layer="1",result="border",sensor="a"}`:                "13",
		`layer_event_results_total{layer="1",result="outside",sensor="a"}`:               "14",
		`layer_event_results_total{layer="1",result="noise",sensor="a"}`:                 "15",
		`layer_event_results_total{layer="1",result="ignored",sensor="a"}`:               "135",
		`layer_event_results_total{layer="2",result="hit",sensor="a"}`:                   "11",
		`layer_event_results_total{layer="2",result="missed",sensor="a"}`:                "0",
		`layer_event_results_total{layer="2",result="border",sensor="a"}`:                "0",
		`layer_event_results_total{layer="2",result="outside",sensor="a"}`:               "0",
		`layer_event_results_total{layer="2",result="noise",sensor="a"}`:                 "0",
		`layer_event_results_total{layer="2",result="ignored",sensor="a"}`:               "0",
		`sensor_info{device="purego",encoding="mono",height="33",sensor="a",width="34"}`: "1",
		`event_results_total{result="hit",sensor="a"}`:                                   "11",
		`event_results_total{result="missed",sensor="a"}`:                                "12",
		`event_results_total{result="border",sensor="a"}`:                                "13",
		`event_results_total{result="outside",sensor="a"}`:                               "14",
		`event_results_total{result="noise",sensor="a"}`:                                 "15",
		`event_results_total{result="ignored",sensor="a"}`:                               "145",
		`event_results_total{result="refractory",sensor="a"}`:                            "16",
		`event_results_total{result="background",sensor="a"}`:                            "17",
	}
	for i, reason := range service.Reasons() {
		want[fmt.Sprintf(`rejects_total{reason=%q,sensor="a"}`, reason)] = strconv.Itoa(300 + i)
		want[fmt.Sprintf(`unserved_rejects_total{reason=%q}`, reason)] = strconv.Itoa(1100 + i)
	}
	for i, bound := range service.LatencyBounds() {
		le := strconv.FormatFloat(bound.Seconds(), 'g', -1, 64)
		want[fmt.Sprintf(`message_latency_seconds_bucket{sensor="a",le=%q}`, le)] = strconv.Itoa(i + 1)
		n := "7"
		if i < 2 {
			n = "0"
		}
		want[fmt.Sprintf(`message_wait_seconds_bucket{le=%q}`, le)] = n
	}
	for name, value := range map[string]string{
		"message_wait_seconds_count": "7", "message_wait_seconds_sum": "1.5", "ready": "1",
		"sensors": "1001", "max_sensors": "1002", "stalled_sensors": "1", "unlabelled_sensors": "0",
		"queue_limit_messages": "1003", "queue_limit_bytes": "1004", "nats_connected": "1", "nats_reconnects_total": "1005",
		"nats_received_messages_total": "1006", "nats_received_bytes_total": "1007",
		"nats_sent_messages_total": "1008", "nats_sent_bytes_total": "1009",
	} {
		want[name+"{}"] = value
	}
	got := scraped(t, source{whole("a")})
	for name, value := range want {
		name = "saccade_" + name
		if !strings.Contains(name, "{") {
			name += `{sensor="a"}`
		}
		require.Equal(t, value, got[name], name)
		delete(got, name)
	}
	require.Empty(t, got, "nothing that this test does not know")
}

// scraped gives the samples of a source, named as the text format has them. The
// registry is pedantic: it checks that what is collected was described.
func scraped(t testing.TB, s metrics.Source) map[string]string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, registry.Register(metrics.NewCollector(watched(s))))
	return gathered(t, registry)
}

func gathered(t require.TestingT, registry prometheus.Gatherer) map[string]string {
	families, err := registry.Gather()
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := make([]string, 0, 5)
			for _, l := range m.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			tell := func(suffix string, v float64, more ...string) {
				labels := append(append([]string{}, labels...), more...)
				out[f.GetName()+suffix+"{"+strings.Join(labels, ",")+"}"] = strconv.FormatFloat(v, 'f', -1, 64)
			}
			switch f.GetType() {
			case dto.MetricType_COUNTER:
				require.True(t, strings.HasSuffix(f.GetName(), "_total"), f.GetName())
				tell("", m.GetCounter().GetValue())
			case dto.MetricType_HISTOGRAM:
				h := m.GetHistogram()
				tell("_count", float64(h.GetSampleCount()))
				tell("_sum", h.GetSampleSum())
				for _, b := range h.GetBucket() {
					tell("_bucket", float64(b.GetCumulativeCount()), fmt.Sprintf("le=%q", strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)))
				}
			default:
				tell("", m.GetGauge().GetValue())
			}
		}
	}
	return out
}

// What cannot be said is not there, and nothing stands for it.
func TestCollectorLeavesOut(t *testing.T) {
	without := func(change func(*service.Snapshot)) map[string]string {
		s := whole("a")
		change(&s)
		return scraped(t, source{s})
	}
	first := func(change func(*bus.LayerStatus)) func(*service.Snapshot) {
		return func(s *service.Snapshot) { change(&s.Status.Layers[0]) }
	}
	all := without(func(*service.Snapshot) {})
	// Without a pipeline there are still rejects, refusals, queues, checkpoints and latencies, and what is of the daemon.
	pipeline := len(all) - 20 - len(service.LatencyBounds()) - 2 - len(scraped(t, source{}))
	for name, c := range map[string]struct {
		change func(*service.Snapshot)
		lost   int
	}{
		"no interval":       {first(func(l *bus.LayerStatus) { l.Interval, l.Balance = nil, nil }), 8},
		"no change":         {first(func(l *bus.LayerStatus) { l.Change = nil }), 1},
		"no message":        {func(s *service.Snapshot) { s.Handled = time.Time{} }, 1},
		"no balance":        {first(func(l *bus.LayerStatus) { l.Balance = &monitor.Balance{State: monitor.Unknown} }), 1},
		"no layer":          {func(s *service.Snapshot) { s.Status.Layers = nil }, 34},
		"one layer":         {func(s *service.Snapshot) { s.Status.Layers = s.Status.Layers[:1] }, 13},
		"no hits":           {first(func(l *bus.LayerStatus) { l.Interval = &monitor.Interval{All: monitor.Signals{Missed: 5}} }), 5},
		"no hits or misses": {first(func(l *bus.LayerStatus) { l.Interval = &monitor.Interval{} }), 6},
		"no number":         {first(func(l *bus.LayerStatus) { l.ThresholdMin = math.NaN() }), 1},
		"no pipeline":       {func(s *service.Snapshot) { s.Running, s.Broken = false, errors.New("no device") }, pipeline},
		"not yet":           {func(s *service.Snapshot) { s.Running = false }, pipeline},
	} {
		got := without(c.change)
		require.Len(t, got, len(all)-c.lost, name)
		broken := "0"
		if name == "no pipeline" {
			broken = "1"
		}
		require.Equal(t, broken, got[`saccade_broken{sensor="a"}`], name)
	}
	for name := range scraped(t, source{}) {
		require.NotContains(t, name, "sensor=")
	}
}

// registered is a registry with so many sensors.
func registered(t testing.TB, sensors int) *prometheus.Registry {
	t.Helper()
	var all source
	for i := range sensors {
		all = append(all, whole(fmt.Sprintf("sensor%03d", i)))
	}
	registry := prometheus.NewPedanticRegistry()
	require.NoError(t, metrics.Register(registry, watched(all)))
	require.Error(t, metrics.Register(registry, watched(all)), "twice")
	return registry
}

// Names, types and helps are as Prometheus wants them.
func TestLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(registered(t, 2)) // it takes the square of their number
	require.NoError(t, err)
	require.Empty(t, problems)
}

// All sensors are there, however many, and Go, the process and the build.
func TestThousandSensors(t *testing.T) {
	families, err := registered(t, 1000).Gather()
	require.NoError(t, err)
	names := map[string]int{}
	for _, f := range families {
		names[f.GetName()] = len(f.GetMetric())
		require.NotEmpty(t, f.GetHelp())
	}
	require.Equal(t, 1000, names["saccade_events_total"])
	require.Equal(t, 8000, names["saccade_event_results_total"])
	require.Equal(t, 1, names["go_goroutines"])
	require.Equal(t, 1, names["process_start_time_seconds"])
	require.Equal(t, 1, names["go_build_info"])
}

func BenchmarkScrapeThousandSensors(b *testing.B) {
	var all source
	for i := range 1000 {
		all = append(all, whole(fmt.Sprintf("sensor%03d", i)))
	}
	registry := prometheus.NewRegistry()
	require.NoError(b, registry.Register(metrics.NewCollector(watched(all))))
	b.ReportAllocs()
	for b.Loop() {
		_, err := registry.Gather()
		require.NoError(b, err)
	}
}
