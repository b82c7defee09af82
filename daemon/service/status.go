package service

import (
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/monitor"
)

// publishStatus publishes what the sensor's pipeline says of itself.
func (sn *sensor) publishStatus() {
	if sn.broken != nil {
		return
	}
	sn.note(true)
	sn.look.told()
	data, err := bus.Encode(sn.seen.Load().Status)
	if err == nil {
		err = sn.service.nc.Publish(sn.subjects.Status, data)
	}
	if err != nil {
		sn.service.options.Log.Error("the status could not be published", logSensor, sn.name, logError, err)
	}
}

// status is what can be said now, of what was counted by now. Its missed rates are those
// of the time since the last status that was published, or of the time before that where
// nothing came since, and its thresholds are those that were looked at last.
func (sn *sensor) status(c *pipeline.Counters) bus.Status {
	now := time.Now()
	device, failure := sn.pipe.Device()
	s := bus.Status{
		Sensor: sn.name, Time: now, UptimeS: now.Sub(sn.service.started).Seconds(),
		Device: device, Encoding: sn.encoding,
		Recording: sn.pipe.Recording(), Recordings: int64(c.Recordings), Seq: sn.lastSeq, LastUS: sn.pipe.Latest(),
		Messages: int64(c.Messages), Bytes: sn.bytes, Events: int64(c.Events),
		Features: int64(c.Hits), Missed: int64(c.Missed), Border: int64(c.Border), Outside: int64(c.Outside),
		Noise: int64(c.Noise), Ignored: int64(c.Ignored),
		Filtered: bus.Filtered{Refractory: int64(c.Filtered.Refractory), Background: int64(c.Filtered.Background)},
		Labels:   int64(c.Labels), Rejects: int64(c.Rejects) + sn.rejected.Load(), Gaps: int64(c.Gaps),
		Duplicates: int64(c.Duplicates), Refused: sn.refused.Load(), Throttled: sn.guard.throttled.Load(),
		Learning:   sn.pipe.Learning(),
		QueueDepth: len(sn.queue), QueueBytes: sn.waiting.Load(),
	}
	if failure != nil {
		s.DeviceFailure = bus.Clip(failure.Error())
	}
	layer := sn.pipe.Layer()
	if layer == nil {
		return s
	}
	config := layer.Config()
	s.Width, s.Height = config.Width, config.Height
	for i := range sn.look.layers {
		s.Layers = append(s.Layers, layerStatus(&sn.look.layers[i], sn.pipe.MonitorOf(i)))
	}
	first := &s.Layers[0]
	s.MissedRate, s.ThresholdMean, s.ThresholdMin, s.ThresholdMax = first.MissedRate, first.ThresholdMean, first.ThresholdMin, first.ThresholdMax
	s.Settled, s.Change, s.Interval, s.Balance = first.Settled, first.Change, first.Interval, first.Balance
	return s
}

// layerStatus is what was seen of a layer, and what its monitor tells.
func layerStatus(l *layerLook, watch *monitor.Monitor) (s bus.LayerStatus) {
	c := &l.counters
	s = bus.LayerStatus{
		Width: l.config.Width, Height: l.config.Height, Neurons: l.config.Features(),
		Events: int64(c.Events()), Features: int64(c.Hits), Missed: int64(c.Missed), Border: int64(c.Border),
		Outside: int64(c.Outside), Noise: int64(c.Noise), Ignored: int64(c.Ignored),
		MissedRate: l.missedRate(), ThresholdMean: l.mean, ThresholdMin: l.low, ThresholdMax: l.high,
	}
	if in, ok := watch.Latest(); ok {
		b := watch.Balance()
		s.Interval, s.Balance = &in, &b
	}
	if f := watch.Last(); f.Change != monitor.None {
		s.Change = &f
	}
	s.Settled = watch.Settled()
	return s
}
