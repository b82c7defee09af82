package service_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target/targettest"
)

// serviceWith are options of a service, and what a test has of it.
type serviceWith struct {
	service.Options
	processor pipeline.Options // of pipelines without a device
	store     *memory
	log       *bytes.Buffer
}

// onDevice are options of a service whose sensors' devices die behind so many calls of their links.
func onDevice(t *testing.T, behind int, how feast.OnFailure) (so serviceWith) {
	t.Helper()
	so.Options = serviceOptions(t)
	so.processor = pipelineOptions(t)
	device := pipelineOptions(t)
	device.Target = &targettest.Target{Target: so.processor.Target, Fault: targettest.Dies, Behind: behind, Options: fpga.Options{CheckEvery: 1}}
	device.OnDeviceFailure = how
	so.NewPipeline = func(string) (*pipeline.Pipeline, error) { return pipeline.New(device) }
	so.store = &memory{}
	so.Store = so.store
	so.log = &bytes.Buffer{}
	so.Log = slog.New(slog.NewTextHandler(so.log, nil))
	return so
}

// A device that fails is told of once, in the log, the status and a count; the results are those of a processor.
func TestDeviceFails(t *testing.T) {
	o := onDevice(t, 1500, feast.FallBack)
	d := start(t, o.Options, bus.ServerOptions{})
	features, labels := d.listen("test.cam.features"), d.listen("test.cam.labels")
	in := stream(t, "cam", 3, 30)
	for _, m := range in {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	s, err := d.service.Sensor("cam")
	require.NoError(t, err)
	require.Equal(t, "purego", s.Status.Device)
	require.Contains(t, s.Status.DeviceFailure, "the link is dead")
	require.Equal(t, int64(1), s.DeviceFailures)
	processor, err := pipeline.New(o.processor)
	require.NoError(t, err)
	requireResults(t, expect(t, processor, "cam", in), received(features), received(labels))
	require.NoError(t, d.stop())
	require.Equal(t, 1, bytes.Count(o.log.Bytes(), []byte("level=WARN")), "%s", o.log)
	require.Contains(t, o.log.String(), "the device has failed")
}

// Where that is configured, the service ends with what has failed: the message at which it did was answered, those
// behind it were not, and the stored state takes them up where it stands.
func TestDeviceFailureStops(t *testing.T) {
	o := onDevice(t, 1500, feast.Stop)
	d := start(t, o.Options, bus.ServerOptions{})
	features, labels, acks := d.listen("test.cam.features"), d.listen("test.cam.labels"), d.listen("_acks.*")
	in := stream(t, "cam", 3, 30)
	d.publish("_acks", in...)
	select {
	case <-d.ended:
	case <-testContext(t).Done():
		require.Fail(t, "the service does not end")
	}
	require.ErrorContains(t, d.err, "sensor cam stopped behind the message in which its device has failed, as is configured")
	require.ErrorIs(t, d.err, targettest.ErrDead)
	require.NoError(t, bus.Flush(testContext(t), d.nc))
	taken := len(received(acks))
	require.Positive(t, taken)
	require.Less(t, taken, len(in))
	// A daemon without the device goes on behind them.
	state := o.store.all()["cam"]
	require.NotEmpty(t, state)
	next, err := pipeline.New(o.processor)
	require.NoError(t, err)
	require.NoError(t, next.UnmarshalBinary(state))
	whole, err := pipeline.New(o.processor)
	require.NoError(t, err)
	first := expect(t, whole, "cam", in[:taken])
	requireResults(t, first, received(features), received(labels))
	require.Equal(t, expect(t, whole, "cam", in[taken:]), expect(t, next, "cam", in[taken:]))
}
