package metrics

import (
	"math"

	"github.com/saccade-dev/saccade/daemon/service"
)

func counter(name, help string, value func(*service.Snapshot) (float64, bool)) counting {
	return counting{desc: describe(name, help), value: value}
}

func gauge(name, help string, of func(a, b float64) float64, value func(*service.Snapshot) (float64, bool)) gauging {
	return gauging{desc: describe(name, help), value: value, of: of}
}

// plain are the counters without further labels.
var plain = []counting{
	counter("events_total", "Events that were decoded: the sum of saccade_event_results_total over its results.",
		running(func(s *service.Snapshot) float64 { return since(s.Status.Events, s.Before.Events) })),
	counter("published_feature_events_total", "Feature events that were published: hits, and missed events where outputs.missed asks for them.",
		always(func(s *service.Snapshot) float64 { return float64(s.FeatureEvents) })),
	counter("messages_total", "Messages that the pipeline took, duplicates and rejected ones among them.",
		running(func(s *service.Snapshot) float64 { return since(s.Status.Messages, s.Before.Messages) })),
	counter("duplicate_messages_total", "Messages that were sent again though they had been processed.",
		running(func(s *service.Snapshot) float64 { return since(s.Status.Duplicates, s.Before.Duplicates) })),
	counter("missing_messages_total", "Gaps: messages that the numbers of others say are missing.",
		running(func(s *service.Snapshot) float64 { return since(s.Status.Gaps, s.Before.Gaps) })),
	counter("recordings_total", "Recordings that ended.",
		running(func(s *service.Snapshot) float64 { return since(s.Status.Recordings, s.Before.Recordings) })),
	counter("labels_total", "Labels that were given.",
		running(func(s *service.Snapshot) float64 { return since(s.Status.Labels, s.Before.Labels) })),
	counter("received_bytes_total", "Bytes of messages that were taken from the queue.",
		running(func(s *service.Snapshot) float64 { return float64(s.Status.Bytes) })),
	counter("device_failures_total", "How often what computes has failed, see saccade_sensor_info and the status for what goes on in its stead.",
		running(func(s *service.Snapshot) float64 { return float64(s.DeviceFailures) })),
	counter("rejected_messages_total", "Messages that could not be read in whole, see the sensor's subject .rejects; saccade_rejects_total says why.",
		always(func(s *service.Snapshot) float64 { return since(s.Status.Rejects, s.Before.Rejects) })),
	counter("refused_messages_total", "Messages that were answered busy, as too much was waiting.",
		always(func(s *service.Snapshot) float64 { return float64(s.Status.Refused) })),
	counter("throttled_messages_total", "Those of the refused messages that were beyond the sensor's rate, ingest.sensors.max_rate.",
		always(func(s *service.Snapshot) float64 { return float64(s.Status.Throttled) })),
	counter("reprocessed_messages_total", "Messages of a stream that were processed again to come from a checkpoint to where the sensor was; missing without a stream.",
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Reprocessed), s.Lag != nil || !s.Checkpoint.At.IsZero()
		}),
}

// gauges are the gauges of a sensor but for those of its layers and its network.
var gauges = []gauging{
	gauge("learning", "1 where learning is on, 0 where it is frozen; of sensors without labels of their own, how many learn.", sum,
		running(func(s *service.Snapshot) float64 { return truth(s.Status.Learning) })),
	gauge("last_message_timestamp_seconds", "When the last message was taken from the queue, in Unix time.", math.Max,
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Handled.UnixNano()) / 1e9, s.Running && !s.Handled.IsZero()
		}),
	gauge("queue_messages", "Messages that wait for the pipeline.", sum,
		always(func(s *service.Snapshot) float64 { return float64(s.Status.QueueDepth) })),
	gauge("queue_bytes", "Bytes that wait for the pipeline.", sum,
		always(func(s *service.Snapshot) float64 { return float64(max(s.Status.QueueBytes, 0)) })),
	gauge("broken", "1 where no pipeline could be made for the sensor, 0 otherwise; of sensors without labels of their own, for how many.", sum,
		always(func(s *service.Snapshot) float64 { return truth(s.Broken != nil) })),

	gauge("checkpoint_timestamp_seconds", "When the newest checkpoint was stored, in Unix time; missing before the first. Its age is time() less this.", math.Min,
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Checkpoint.At.UnixNano()) / 1e9, !s.Checkpoint.At.IsZero()
		}),
	gauge("checkpoint_bytes", "Size of the newest checkpoint; missing before the first.", sum,
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Checkpoint.Bytes), !s.Checkpoint.At.IsZero()
		}),
	gauge("checkpoint_stream_sequence", "Number in the stream of the last message that is in the newest checkpoint; missing before the first.", math.Min,
		func(s *service.Snapshot) (float64, bool) {
			return float64(s.Checkpoint.Sequence), !s.Checkpoint.At.IsZero()
		}),
	gauge("stream_lag_messages", "Messages that are in the stream and were not processed; missing without a stream.", sum,
		func(s *service.Snapshot) (float64, bool) {
			if s.Lag == nil {
				return 0, false
			}
			return float64(*s.Lag), true
		}),
}
