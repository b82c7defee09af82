package metrics

import (
	"math"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/service"
)

const (
	namespace   = "saccade"
	sensorLabel = "sensor"
	reasonLabel = "reason"
	resultLabel = "result"
)

// counting is a counter of a sensor, with the values of the labels that it has beside the sensor's name.
type counting struct {
	desc   *prometheus.Desc
	labels []string
	value  func(*service.Snapshot) (v float64, there bool)
}

// gauging is a gauge of a sensor.
type gauging struct {
	desc  *prometheus.Desc
	value func(*service.Snapshot) (v float64, there bool)
	// of takes two sensors' values for one.
	of func(a, b float64) float64
}

// of a sensor that has a pipeline.
func running(value func(s *service.Snapshot) float64) func(*service.Snapshot) (float64, bool) {
	return func(s *service.Snapshot) (float64, bool) {
		if !s.Running {
			return 0, false
		}
		return value(s), true
	}
}

// of every sensor.
func always(value func(s *service.Snapshot) float64) func(*service.Snapshot) (float64, bool) {
	return func(s *service.Snapshot) (float64, bool) { return value(s), true }
}

func sum(a, b float64) float64 { return a + b }

// describe describes a metric of a sensor.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, append([]string{sensorLabel}, labels...), nil)
}

// since is what was counted since the daemon took the sensor in. Counters of a
// pipeline do not run back; were one to, it would have begun anew.
func since(now int64, before uint64) float64 {
	if now < 0 || uint64(now) < before {
		return float64(now)
	}
	return float64(uint64(now) - before)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// finite keeps what is no number out of a page that others compute with.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// counters are all counters of a sensor but for those of its layers and its network.
var counters = slices.Concat(plain, labelledCounters())

var info = describe("sensor_info", "1, with what the sensor is and what computes for it.", "device", "encoding", "width", "height")
