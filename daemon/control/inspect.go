package control

import (
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/service"
)

// Stream is where a sensor stands whose messages come from a stream.
type Stream struct {
	Position uint64 `json:"seq"` // number of the last message that it has seen
	Lag      uint64 `json:"lag"` // messages behind it, when that was read
	Term     uint64 `json:"term"`
	// Reprocessed are messages that were processed again since this daemon has the sensor.
	Reprocessed uint64      `json:"reprocessed"`
	Checkpoint  *Checkpoint `json:"checkpoint,omitempty"` // the newest
}

// Checkpoint is a stored state.
type Checkpoint struct {
	At       time.Time `json:"time"`
	AgeS     float64   `json:"age_s"`
	Bytes    int64     `json:"bytes"`
	Sequence uint64    `json:"seq"` // of the last message in it
}

// Inspected is the answer to a request for one sensor.
type Inspected struct {
	Sensor

	Instance string     `json:"instance"` // the daemon's id
	Daemon   string     `json:"daemon,omitempty"`
	Status   bus.Status `json:"status"`
	// Handled is when the last message was taken up; nil before the first.
	Handled *time.Time `json:"handled,omitempty"`
	// MeanLatencyS is from the receipt of a message to its results, in seconds, since this
	// daemon has the sensor.
	MeanLatencyS *float64          `json:"mean_latency_s,omitempty"`
	RejectedBy   map[string]uint64 `json:"rejected_by,omitempty"` // by reason
}

func (c *Control) inspect(r SensorRequest, answer *nats.Msg) error {
	s, err := c.daemon.Sensor(r.Sensor)
	if err != nil {
		return err
	}
	out := Inspected{Sensor: sensorOf(&s), Instance: c.micro.Info().ID, Daemon: c.node, Status: s.Status}
	if !s.Handled.IsZero() {
		out.Handled = &s.Handled
	}
	if n := s.Latency.Count(); n > 0 {
		mean := s.Latency.Sum.Seconds() / float64(n)
		out.MeanLatencyS = &mean
	}
	for i, reason := range service.Reasons() {
		if n := s.Rejected[i]; n > 0 {
			if out.RejectedBy == nil {
				out.RejectedBy = map[string]uint64{}
			}
			out.RejectedBy[string(reason)] = n
		}
	}
	return c.encode(answer, out)
}

// streamOf is where a sensor stands in the stream, nil where there is none.
func streamOf(s *service.Snapshot) *Stream {
	if s.Lag == nil {
		return nil
	}
	out := &Stream{Position: s.Position, Lag: *s.Lag, Term: s.Term, Reprocessed: s.Reprocessed}
	if c := s.Checkpoint; !c.At.IsZero() {
		out.Checkpoint = &Checkpoint{At: c.At, AgeS: time.Since(c.At).Seconds(), Bytes: c.Bytes, Sequence: c.Sequence}
	}
	return out
}
