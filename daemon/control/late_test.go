package control_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// gate is a pipeline that stops at the end of a recording until it is let.
func gate(t testing.TB) (newPipeline func(string) (*pipeline.Pipeline, error), reached, let chan struct{}) {
	reached, let = make(chan struct{}), make(chan struct{})
	o := pipelineOptions(t)
	o.OnRecording = func(*pipeline.Pipeline, pipeline.RecordingEnd) {
		close(reached)
		<-let
	}
	return func(string) (*pipeline.Pipeline, error) { return pipeline.New(o) }, reached, let
}

// A request that does not get its turn in time is refused, and not done later.
func TestLate(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	pipelines, reached, let := gate(t)
	n.start("", 20*time.Millisecond, pipelines)
	require.NoError(t, n.nc.PublishMsg(n.packet("cam", bus.EventsHeader{End: true}, 1, 10)))
	<-reached
	n.refused("504", "not its turn", "learning", learning("cam", false))
	n.refused("504", "not its turn", "history", control.SensorRequest{Sensor: "cam"})
	close(let)
	require.Eventually(t, func() bool {
		_, err := n.ask(patience, "history", control.SensorRequest{Sensor: "cam"})
		return err == nil
	}, patience, time.Millisecond)
	require.True(t, get[control.Sensors](n, "sensors", control.SensorsRequest{}).Sensors[0].Learning)
}

// One sensor that is busy holds up no other; requests beyond what may wait are refused
// at once; those that wait are answered in the drain, at
// the least by a word that they were not done.
func TestManyWaitAndTheEndComes(t *testing.T) {
	n := newNetwork(t, bus.ServerOptions{})
	blocked, reached, let := gate(t)
	free := n.pipelines()
	stop := n.start("", 0, func(name string) (*pipeline.Pipeline, error) {
		if name == "busy" {
			return blocked(name)
		}
		return free(name)
	})
	n.send(n.packet("cam", bus.EventsHeader{}, 1, 10))
	require.NoError(t, n.nc.PublishMsg(n.packet("busy", bus.EventsHeader{End: true}, 1, 10)))
	<-reached
	answers := make(chan *nats.Msg, 100)
	_, err := n.nc.ChanSubscribe("_answers", answers)
	require.NoError(t, err)
	const most = 64
	for i := range most - 1 {
		request := fmt.Appendf(nil, `{"sensor":"busy","learning":%t}`, i%2 == 1)
		require.NoError(t, n.nc.PublishRequest("test.control.learning", "_answers", request))
	}
	require.EqualValues(t, 10, get[control.History](n, "history", control.SensorRequest{Sensor: "cam"}).Events, "the last place is free again")
	require.NoError(t, n.nc.PublishRequest("test.control.learning", "_answers", []byte(`{"sensor":"busy","learning":true}`)))
	for range 2 {
		require.NoError(t, n.nc.PublishRequest("test.control.learning", "_answers", []byte(`{"sensor":"cam","learning":true}`)))
	}
	for range 2 {
		m := <-answers
		require.Equal(t, "503", m.Header.Get(micro.ErrorCodeHeader))
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		stop()
	}()
	require.Eventually(t, func() bool { // it takes nothing more
		_, err := n.ask(patience, "sensors", control.SensorsRequest{})
		return errors.Is(err, control.ErrNobody)
	}, patience, time.Millisecond)
	select {
	case <-ended:
		require.Fail(t, "requests wait, and it ended")
	default:
	}
	close(let)
	<-ended
	require.NoError(t, n.nc.Flush())
	for i := range most {
		select {
		case m := <-answers:
			if i == 0 { // it was in the sensor's queue
				require.Empty(t, m.Header.Get(micro.ErrorHeader))
			}
			require.Contains(t, []string{"", "503"}, m.Header.Get(micro.ErrorCodeHeader))
		case <-time.After(patience):
			require.Fail(t, "an answer is missing")
		}
	}
}
