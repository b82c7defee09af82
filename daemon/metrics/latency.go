package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/saccade-dev/saccade/daemon/service"
)

var latency = describe("message_latency_seconds",
	"From the receipt of a message to its results and its acknowledgement being published, whatever became of it. The daemon's is the sum over sensors.")

// bounds are the upper bounds of a latency's buckets, in seconds.
var bounds = func() (out []float64) {
	for _, b := range service.LatencyBounds() {
		out = append(out, b.Seconds())
	}
	return out
}()

// histogram is a classic histogram, whose buckets each have what is in those before them too.
func histogram(desc *prometheus.Desc, l *service.Latency, labels ...string) prometheus.Metric {
	buckets, n := make(map[float64]uint64, len(bounds)), uint64(0)
	for i, bound := range bounds {
		n += l.Counts[i]
		buckets[bound] = n
	}
	return prometheus.MustNewConstHistogram(desc, l.Count(), l.Sum.Seconds(), buckets, labels...)
}
