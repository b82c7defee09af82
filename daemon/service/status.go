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
	c := sn.pipe.Counters()
	if hits, missed := c.Hits-sn.hits, c.Missed-sn.missed; hits+missed > 0 {
		sn.missedRate = float64(missed) / float64(hits+missed)
		sn.hits, sn.missed = c.Hits, c.Missed
	}
	sn.note(true)
	data, err := bus.Encode(sn.seen.Load().Status)
	if err == nil {
		err = sn.service.nc.Publish(sn.subjects.Status, data)
	}
	if err != nil {
		sn.service.options.Log.Error("the status could not be published", logSensor, sn.name, logError, err)
	}
}

// status is what can be said now, of what was counted by now. Its missed rate is that of
// the time before the last status that was published, and its thresholds are those that
// were looked at last.
func (sn *sensor) status(c *pipeline.Counters) bus.Status {
	now := time.Now()
	s := bus.Status{
		Sensor: sn.name, Time: now, UptimeS: now.Sub(sn.service.started).Seconds(),
		Device: sn.pipe.Target(), Encoding: sn.encoding,
		Recording: sn.pipe.Recording(), Recordings: int64(c.Recordings), Seq: sn.lastSeq, LastUS: sn.pipe.Latest(),
		Messages: int64(c.Messages), Bytes: sn.bytes, Events: int64(c.Events),
		Features: int64(c.Hits), Missed: int64(c.Missed), Border: int64(c.Border), Outside: int64(c.Outside),
		Noise: int64(c.Noise), Ignored: int64(c.Ignored),
		Labels: int64(c.Labels), Rejects: int64(c.Rejects) + sn.rejected.Load(), Gaps: int64(c.Gaps),
		Duplicates: int64(c.Duplicates), Refused: sn.refused.Load(),
		MissedRate: sn.missedRate, Learning: sn.pipe.Learning(),
		QueueDepth: len(sn.queue), QueueBytes: sn.waiting.Load(),
	}
	layer := sn.pipe.Layer()
	if layer == nil {
		return s
	}
	config := layer.Config()
	s.Width, s.Height = config.Width, config.Height
	s.ThresholdMean, s.ThresholdMin, s.ThresholdMax = sn.look.mean, sn.look.low, sn.look.high
	first := layerStatus(sn.pipe.Monitor())
	s.Settled, s.Change, s.Interval, s.Balance = first.Settled, first.Change, first.Interval, first.Balance
	for i := 1; i < sn.pipe.Stack().Len(); i++ {
		s.Behind = append(s.Behind, layerStatus(sn.pipe.MonitorOf(i)))
	}
	return s
}

// layerStatus is what the monitor of a layer tells.
func layerStatus(watch *monitor.Monitor) (s bus.LayerStatus) {
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
