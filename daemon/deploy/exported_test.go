package deploy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/metrics"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/monitor"
)

// source is a daemon with sensors of which everything can be told.
type source []service.Snapshot

func (s source) Sensors() []service.Snapshot { return s }

func (s source) Overview() service.Overview {
	return service.Overview{Sensors: len(s), Stalls: []service.Stall{{Sensor: "a", For: time.Hour}}}
}

func whole(name string) service.Snapshot {
	now := time.Now()
	return service.Snapshot{
		Status: bus.Status{
			Sensor: name, Device: "purego", Encoding: "mono", Width: 34, Height: 34,
			Layers: []bus.LayerStatus{{
				Change:   &monitor.Finding{Change: monitor.Settled},
				Interval: &monitor.Interval{All: monitor.Signals{Hits: 1, Missed: 1}, WeightChange: new(0.5)},
				Balance:  &monitor.Balance{State: monitor.Rising, Measured: 1, Expected: 1, Ratio: 1},
			}},
			Network: bus.NewNetworkStatus(decide.Counters{Layers: []decide.LayerCounters{{Layer: "hidden"}}}),
		},
		Handled: now, Running: true,
		Checkpoint: service.Checkpoint{At: now, Bytes: 1, Sequence: 1}, Lag: new(uint64),
	}
}

// scraped are the metrics that Prometheus has of a daemon, with those labels that it adds, and up, which is its own.
func scraped(t testing.TB) known {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	// One sensor has labels of its own, the other has not.
	require.NoError(t, metrics.Register(registry, metrics.Watched{
		Source: source{whole("a"), whole("b")}, SensorLabels: 1, Ready: func() error { return errors.New("not yet") },
	}))
	families, err := registry.Gather()
	require.NoError(t, err)
	out := known{}
	for _, f := range families {
		require.NotEmpty(t, f.GetHelp(), f.GetName())
		values := target()
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if values[l.GetName()] == nil {
					values[l.GetName()] = map[string]bool{}
				}
				values[l.GetName()][l.GetValue()] = true
			}
		}
		if f.GetType() != dto.MetricType_HISTOGRAM {
			out[f.GetName()] = metric{f.GetType(), values}
			continue
		}
		for _, part := range []string{"_count", "_sum", "_bucket"} {
			m := metric{f.GetType(), target()}
			for l, v := range values {
				m.values[l] = v
			}
			if part == "_bucket" {
				m.values["le"] = map[string]bool{"+Inf": true}
			}
			out[f.GetName()+part] = m
		}
	}
	out["up"] = metric{dto.MetricType_GAUGE, target()}
	return out
}

// target are the labels of every target.
func target() map[string]map[string]bool {
	return map[string]map[string]bool{"job": {"saccade": true}, "instance": {"localhost:9464": true}}
}

// units are how a help may say what its number is, beside what the name's end says.
var units = []string{
	"_seconds", "_bytes", "_ratio", "_total", "_cosine", "_messages", "_sensors", "_per_event", "_events", "_sequence",
}

// Every metric says what its number is: by the end of its name, or in its help as what is 0 or 1, or what is counted.
func TestMetricsSayTheirUnits(t *testing.T) {
	for name, m := range scraped(t) {
		if !strings.HasPrefix(name, "saccade_") || m.kind == dto.MetricType_HISTOGRAM {
			continue
		}
		said := false
		for _, u := range units {
			said = said || strings.HasSuffix(name, u)
		}
		if !said {
			require.Contains(t, []string{
				"saccade_ready", "saccade_nats_connected", "saccade_broken", "saccade_learning", "saccade_settled",
				"saccade_drifting", "saccade_sensor_info", "saccade_sensors",
			}, name, "a number without a unit, neither 0 nor 1, nor of sensors")
		}
	}
}

// The checker finds what is wrong: with names, types, labels, values and the language itself.
func TestCheckerFinds(t *testing.T) {
	k := scraped(t)
	for _, good := range []string{
		`up == 0`, `-1 + 2 * 3 > bool 2`, `sum(saccade_sensors)`, `sum by (sensor) (rate(saccade_events_total{sensor=~"a|b"}[5m])) / 2`,
		`sum(rate(saccade_events_total[1h30m])) by (sensor)`,
		`saccade_queue_messages / on (instance, job) group_left () saccade_queue_limit_messages > 0.8`,
		`saccade_ready == 0 or saccade_nats_connected == 0`,
		`histogram_quantile(0.5, sum by (le) (rate(saccade_message_latency_seconds_bucket[5m])))`,
		`time() - saccade_checkpoint_timestamp_seconds > 5 and increase(saccade_messages_total[5m]) > 0`,
	} {
		_, used, err := check(k, good)
		require.NoError(t, err)
		require.True(t, len(used) > 0 || strings.HasPrefix(good, "-1"), good)
	}
	for bad, want := range map[string]string{
		`saccade_event_total`:                                                            "expected a metric that is exported",
		`saccade_message_latency_seconds`:                                                "expected a metric that is exported",
		`rate(saccade_events_total)`:                                                     "expected a range vector",
		`rate(saccade_sensors[5m])`:                                                      "expected a counter",
		`max_over_time(saccade_events_total[5m])`:                                        "expected a gauge",
		`saccade_events_total[5m]  + 1`:                                                  "expected numbers or instant vectors",
		`saccade_events_total{senor="a"}`:                                                "has no label senor",
		`saccade_rejects_total{reason="bored"}`:                                          "is never",
		`saccade_event_results_total{result=~"hits|misses"}`:                             "is never",
		`sum by (layer) (saccade_events_total)`:                                          "expected a label of what is summed",
		`saccade_queue_messages / saccade_queue_limit_messages`:                          "nothing would match",
		`saccade_queue_messages / on (instance, job) group_left () saccade_queue_bytes`:  "expected one series",
		`saccade_queue_messages / on (layer) saccade_queue_bytes`:                        "on (layer)",
		`saccade_ready or saccade_queue_bytes`:                                           "expected the same labels",
		`saccade_ready and 5`:                                                            "expected instant vectors",
		`histogram_quantile(0.5, sum(rate(saccade_message_latency_seconds_bucket[5m])))`: "expected the label le",
		`sum(`:                 "expected an expression",
		`(up`:                  "expected a sign )",
		`up up`:                "expected the end",
		`up{job="saccade}`:     "expected PromQL",
		`up{job=5}`:            "expected a string",
		`up{job=~"("}`:         "error parsing regexp",
		`up[5]`:                "expected a duration",
		`avg_over_time(up[5m]`: "expected a sign )",
		`up; up`:               "expected PromQL",
		`time(5)`:              "expected a sign )",
		``:                     "expected an expression",
	} {
		_, _, err := check(k, bad)
		require.ErrorContains(t, err, want, bad)
		require.True(t, strings.HasPrefix(err.Error(), bad) || strings.HasPrefix(err.Error(), "at "), fmt.Sprint(err))
	}
}
