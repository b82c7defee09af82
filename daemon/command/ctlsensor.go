package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/saccade-dev/saccade/daemon/control"
)

type ctlShowCmd struct{ ctlSensor }

func (c *ctlShowCmd) Run(e *env) error {
	var s control.Inspected
	return c.ask(e, control.EndpointSensor, control.SensorRequest{Sensor: c.Sensor}, &s, func() string { return inspected(&s) })
}

// inspected is all of a sensor, a line for each thing.
func inspected(s *control.Inspected) string {
	lines := []string{printable(s.Sensor.Sensor)}
	row := func(name, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("  %-12s %s", name, fmt.Sprintf(format, args...)))
	}
	if s.Daemon != "" {
		row("daemon", "%s", printable(s.Daemon))
	}
	switch {
	case s.Broken != "":
		row("broken", "%s", printable(s.Broken))
	case s.Away:
		row("away", "it sends nothing, and was put away; what can be seen of it was seen last")
	}
	st := &s.Status
	stream := func() {
		if t := s.Stream; t != nil {
			row("stream", "at %s, %s behind, term %d, %s again", grouped(t.Position), plural(t.Lag, "message"), t.Term, plural(t.Reprocessed, "message"))
			if c := t.Checkpoint; c != nil {
				row("checkpoint", "at %s, %s, %s old", grouped(c.Sequence), plural(c.Bytes, "byte"), time.Duration(c.AgeS*float64(time.Second)).Round(100*time.Millisecond))
			} else {
				row("checkpoint", "none yet")
			}
		}
	}
	if s.Away && st.Events == 0 {
		stream()
		return strings.Join(append(lines, "  (since the daemon began it has not been here)"), "\n")
	}
	row("pipeline", "%s, on %s", orNone(s.Pipeline), orNone(st.Device))
	if st.DeviceFailure != "" {
		row("device", "%s", printable(st.DeviceFailure))
	}
	if st.Width > 0 {
		row("size", "%dx%d pixels, %s", st.Width, st.Height, orNone(st.Encoding))
	}
	learning := "frozen"
	if st.Learning {
		learning = "on"
	}
	if st.Settled {
		learning += ", settled"
	}
	row("learning", "%s", learning)
	row("events", "%s: %s features, %s missed, %s at the border, %s noise", grouped(st.Events), grouped(st.Features), grouped(st.Missed), grouped(st.Border), grouped(st.Noise))
	if f := st.Filtered; f.Sum() > 0 {
		row("filtered", "%s of them: %s within a refractory period, %s background activity", grouped(f.Sum()), grouped(f.Refractory), grouped(f.Background))
	}
	row("messages", "%s: %s rejected, %s missing, %s twice, %s refused", grouped(st.Messages), grouped(st.Rejects), grouped(st.Gaps), grouped(st.Duplicates), grouped(st.Refused))
	row("labels", "%s", grouped(st.Labels))
	row("queue", "%s", plural(st.QueueDepth, "message"))
	if s.MeanLatencyS != nil {
		row("latency", "%s on average", milliseconds(time.Duration(*s.MeanLatencyS*float64(time.Second))))
	}
	stream()
	return strings.Join(lines, "\n")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return printable(s)
}

type ctlSnapshotCmd struct{ ctlSensor }

func (c *ctlSnapshotCmd) Run(e *env) error {
	var s control.Stored
	return c.ask(e, control.EndpointSnapshot, control.SensorRequest{Sensor: c.Sensor}, &s, func() string {
		text := fmt.Sprintf("%s: stored, %s, %s", printable(s.Sensor), plural(s.Bytes, "byte"), place(s.Events, s.Seq))
		if s.Sequence > 0 {
			text += ", message " + grouped(s.Sequence) + " of the stream"
		}
		return text
	})
}

type ctlDrainCmd struct{ ctlSensor }

func (c *ctlDrainCmd) Run(e *env) error {
	var d control.Drained
	return c.ask(e, control.EndpointDrain, control.SensorRequest{Sensor: c.Sensor}, &d, func() string {
		state := "its state is stored"
		if !d.Stored {
			state = "its state is lost, as states are not stored"
		}
		return fmt.Sprintf("%s: put away %s, until it sends again; %s", printable(d.Sensor), place(d.Events, d.Seq), state)
	})
}

type ctlPipelineCmd struct {
	ctlSensor

	Name string `arg:"" help:"The pipeline: a name of the configuration's pipelines, default, or auto for the one that the sensor's name chooses."`
}

func (c *ctlPipelineCmd) Run(e *env) error {
	var a control.Assigned
	return c.ask(e, control.EndpointPipeline, control.PipelineRequest{Sensor: c.Sensor, Pipeline: c.Name}, &a, func() string { return assigned(&a) })
}

func assigned(a *control.Assigned) string {
	var text string
	switch sensor := printable(a.Sensor); {
	case !a.Changed:
		text = fmt.Sprintf("%s: has pipeline %s, as before", sensor, orNone(a.Pipeline))
	case a.Learned:
		text = fmt.Sprintf("%s: has pipeline %s in the stead of %s, %s; it goes on with what was learned", sensor, orNone(a.Pipeline), orNone(a.Before), place(a.Events, a.Seq))
	default:
		text = fmt.Sprintf("%s: has pipeline %s in the stead of %s, %s; it starts from what that has", sensor, orNone(a.Pipeline), orNone(a.Before), place(a.Events, a.Seq))
		if a.Aside != "" {
			text += ", and the former state is kept as " + printable(a.Aside)
		}
	}
	if !a.Kept {
		text += "; until the daemon ends, as there is no JetStream"
	}
	return text
}
