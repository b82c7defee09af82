package control

import (
	"encoding/json"
	"sort"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/monitor"
)

// Sensors is the answer to a [SensorsRequest].
type Sensors struct {
	Instance string   `json:"instance"`         // the daemon's id, as `nats micro ls` shows it
	Daemon   string   `json:"daemon,omitempty"` // its name, where daemons share sensors
	Sensors  []Sensor `json:"sensors"`
	More     bool     `json:"more"` // ask again after the last name
}

// Sensor is a sensor in a few words.
type Sensor struct {
	Sensor     string           `json:"sensor"`
	Learning   bool             `json:"learning"`
	Settled    bool             `json:"settled"`
	Change     *monitor.Finding `json:"change,omitempty"` // what was found last
	Events     int64            `json:"events"`
	MissedRate *float64         `json:"missed_rate,omitempty"` // of the latest interval, once there is one
	Labels     int64            `json:"labels"`
	QueueDepth int              `json:"queue_depth"` // messages that wait
	Pipeline   string           `json:"pipeline,omitempty"`
	Away       bool             `json:"away,omitempty"`   // it sends nothing, and was put away
	Stream     *Stream          `json:"stream,omitempty"` // where its messages come from one
	Broken     string           `json:"broken,omitempty"` // why there is no pipeline
}

func (c *Control) sensors(r SensorsRequest, answer *nats.Msg) error {
	all := c.daemon.Sensors()
	all = all[sort.Search(len(all), func(i int) bool { return all[i].Status.Sensor > r.After }):]
	if r.Limit > 0 && len(all) > r.Limit {
		all = all[:r.Limit+1] // one more, to know that there is one
	}
	out := Sensors{Instance: c.micro.Info().ID, Daemon: c.node, Sensors: []Sensor{}}
	frame, err := json.Marshal(out)
	if err != nil {
		return err
	}
	size, most := int64(len(frame)), c.nc.MaxPayload()
	for _, s := range all {
		view := sensorOf(&s)
		one, err := json.Marshal(view)
		if err != nil {
			return err
		}
		if size += int64(len(one)) + 1; size > most || r.Limit > 0 && len(out.Sensors) == r.Limit {
			out.More = true
			break
		}
		out.Sensors = append(out.Sensors, view)
	}
	if out.More && len(out.Sensors) == 0 {
		return tooLarge(size, most)
	}
	return c.encode(answer, out)
}

func sensorOf(s *service.Snapshot) Sensor {
	out := Sensor{
		Sensor: s.Status.Sensor, Learning: s.Status.Learning, Settled: s.Status.Settled, Change: s.Status.Change,
		Events: s.Status.Events, Labels: s.Status.Labels, QueueDepth: s.Status.QueueDepth,
		Pipeline: s.Pipeline, Away: s.Away, Stream: streamOf(s),
	}
	if in := s.Status.Interval; in != nil {
		out.MissedRate = &in.All.MissedRate
	}
	if s.Broken != nil {
		out.Broken = headerText(s.Broken.Error())
	}
	return out
}
