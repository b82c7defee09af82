package control_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
)

// The history is the monitor's, as it is or at as many halvings as the server needs.
func TestHistory(t *testing.T) {
	for _, c := range []struct{ payload, merged int }{{0, 1}, {32 << 10, 2}, {16 << 10, 4}, {4 << 10, 16}, {3 << 10, 0}} {
		t.Run(fmt.Sprintf("%d bytes", c.payload), func(t *testing.T) {
			n := newNetwork(t, bus.ServerOptions{MaxPayload: c.payload})
			made := make(chan *pipeline.Pipeline, 1)
			n.start("", 0, func(string) (*pipeline.Pipeline, error) {
				p, err := pipeline.New(pipelineOptions(t))
				made <- p
				return p, err
			})
			for i := range 11 {
				n.send(n.packet("cam", bus.EventsHeader{}, uint64(i), 100))
			}
			if c.merged == 0 {
				n.refused("413", "the server takes messages of 3072", "history", control.SensorRequest{Sensor: "cam"})
				return
			}
			h := get[control.History](n, "history", control.SensorRequest{Sensor: "cam"})
			series := (<-made).Monitor().Series() // nothing is processed now
			recent, whole := series.Recent(), series.Whole()
			require.Len(t, recent, 16)
			for range 10 {
				if len(recent) == len(h.Recent) {
					break
				}
				recent, whole = merged(recent), merged(whole)
			}
			require.Equal(t, bare(recent), bare(h.Recent))
			require.Equal(t, bare(whole), bare(h.Whole))
			require.Equal(t, c.merged, h.Merged)
			require.Equal(t, series.Stride(), h.Stride)
			require.EqualValues(t, 1100, h.Events)
			require.Equal(t, 10, h.Features)
			require.InDelta(t, 0.01/(5*0.02), h.Expected, 1e-12)
			require.True(t, h.Learning)
			require.EqualValues(t, 1088, h.Whole[len(h.Whole)-1].To, "whole intervals of 32")
			total := uint64(0)
			for _, in := range h.Whole {
				total += in.Events
			}
			require.EqualValues(t, 1088, total)
		})
	}
}

func merged(in []monitor.Interval) (out []monitor.Interval) {
	for i := 0; i < len(in); i += 2 {
		if i+1 == len(in) {
			out = append(out, in[i])
		} else {
			out = append(out, monitor.Merge(in[i], in[i+1]))
		}
	}
	return out
}

// bare has no thresholds by neuron, which do not travel.
func bare(in []monitor.Interval) []monitor.Interval {
	out := append([]monitor.Interval{}, in...)
	for i := range out {
		out[i].Thresholds = nil
	}
	return out
}

// Sensors come in the order of their names, in as many answers as are asked for or
// needed.
func TestSensors(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{MaxPayload: 2 << 10})
	n.start("", 0, n.pipelines())
	require.Equal(t, []control.Sensor{}, get[control.Sensors](n, "sensors", control.SensorsRequest{}).Sensors)
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("cam%02d", i))
		n.send(n.packet(names[i], bus.EventsHeader{}, 1, 10+i))
	}
	for _, limit := range []int{0, 1, 7, 40, 1000} {
		var got []string
		r := control.SensorsRequest{Limit: limit}
		for more := true; more; {
			s := get[control.Sensors](n, "sensors", r)
			require.NotEmpty(t, s.Instance)
			require.NotEmpty(t, s.Sensors)
			if limit > 0 {
				require.LessOrEqual(t, len(s.Sensors), limit)
			}
			for _, one := range s.Sensors {
				require.EqualValues(t, 10+len(got), one.Events)
				require.True(t, one.Learning)
				got = append(got, one.Sensor)
			}
			r.After, more = got[len(got)-1], s.More
		}
		require.Equal(t, names, got, "limit %d", limit)
	}
	require.Empty(t, get[control.Sensors](n, "sensors", control.SensorsRequest{After: "cam39"}).Sensors)
}

// The model is the file of what the sensor has learned; one that no message holds is
// refused, found out by its weights or by a byte too many.
func TestModel(t *testing.T) {
	o := pipelineOptions(t)
	o.Feast.Radius = 3
	weights := 4 * o.Feast.Features() * 49
	size := 0
	for _, payload := range []func() int{
		func() int { return 0 },
		func() int { return size },
		func() int { return size - 1 },
		func() int { return weights - 1 },
	} {
		n := newNetwork(t, bus.ServerOptions{MaxPayload: payload()})
		made := make(chan *pipeline.Pipeline, 1)
		n.start("", 0, func(string) (*pipeline.Pipeline, error) {
			p, err := pipeline.New(o)
			made <- p
			return p, err
		})
		n.send(n.packet("cam", bus.EventsHeader{}, 1, 10))
		if size != 0 && payload() < size {
			n.refused("413", fmt.Sprintf("the model has %d bytes or more", payload()+1), "model", control.SensorRequest{Sensor: "cam"})
			continue
		}
		data, err := n.ask(patience, "model", control.SensorRequest{Sensor: "cam"})
		require.NoError(t, err)
		var got model.Model
		require.NoError(t, got.UnmarshalBinary(data))
		require.Equal(t, (<-made).Layer().Weights(), got.Weights)
		size = len(data)
	}
}
