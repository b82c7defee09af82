package service

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// outside is what is counted of a sensor for whoever looks at it, beside the status. Any goroutine may add and read.
type outside struct {
	pulse     pulse
	latency   histogram
	rejects   rejects
	published atomic.Uint64 // feature events
}

// Overview is what can be seen of the service as a whole.
type Overview struct {
	// Sensors is how many there are, MaxSensors how many there may be.
	Sensors, MaxSensors int
	// MaxQueueMessages and MaxQueueBytes are how much of a sensor may wait.
	MaxQueueMessages, MaxQueueBytes int
	// Connected tells whether there is a connection to NATS, Traffic what went over it and how often it came back.
	Connected bool
	Traffic   nats.Statistics
	// Wait is from the receipt of a message to its being taken up, Latency to its results and acknowledgement
	// being published, of all sensors there have been.
	Wait, Latency Latency
	// Unserved are rejects that are no sensor's: of sensors that are not served, or of subjects that name none.
	Unserved Rejects
	Stalls   []Stall
}

// Stall is a sensor whose pipeline does not go forward.
type Stall struct {
	Sensor string
	For    time.Duration
}

// overall is what is counted for an Overview.
type overall struct {
	wait, latency histogram
	unserved      rejects
}

// Overview gives what can be seen of the service as a whole, without waiting for any sensor.
func (s *Service) Overview() Overview {
	return Overview{
		Sensors: s.count(), MaxSensors: s.options.MaxSensors,
		MaxQueueMessages: s.options.PendingMessages, MaxQueueBytes: s.options.PendingBytes,
		Connected: s.nc.IsConnected(), Traffic: s.nc.Stats(),
		Wait: s.overall.wait.read(), Latency: s.overall.latency.read(),
		Unserved: s.overall.unserved.read(),
		Stalls:   s.stalls(time.Now()),
	}
}

func (s *Service) stalls(now time.Time) (out []Stall) {
	for _, sn := range s.sorted() {
		if d := sn.outside.pulse.still(now); d > StallAfter {
			out = append(out, Stall{Sensor: sn.name, For: d})
		}
	}
	return out
}

// Working tells why the service does not do its work though it could: nil, or which sensor's pipeline is stuck. That the
// connection to NATS is away, or that it has not begun or is about to end, is nothing that a restart would mend, and no
// reason.
func (s *Service) Working() error {
	stalls := s.stalls(time.Now())
	if len(stalls) == 0 {
		return nil
	}
	longest := stalls[0]
	for _, st := range stalls {
		if st.For > longest.For {
			longest = st
		}
	}
	err := fmt.Errorf("the pipeline of sensor %s has not gone a step forward for %v", longest.Sensor, longest.For.Round(time.Second))
	if more := len(stalls) - 1; more > 0 {
		err = fmt.Errorf("%w, and of %d more", err, more)
	}
	return err
}

// rejected counts a message that gets no further than its receipt, or that a sensor without a pipeline got.
func (s *Service) rejected(name string, reason bus.Reason) {
	if sn := s.find(name); sn != nil {
		sn.outside.rejects.add(reason)
		return
	}
	s.overall.unserved.add(reason)
}

// answered counts how long a message took that was received and taken up when it was, and is now done with.
func (sn *sensor) answered(received, taken time.Time) {
	if received.IsZero() {
		return // nobody noted it
	}
	latency := time.Since(received)
	sn.outside.latency.add(latency)
	sn.service.overall.latency.add(latency)
	sn.service.overall.wait.add(taken.Sub(received))
}
