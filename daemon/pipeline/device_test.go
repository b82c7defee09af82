package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target/targettest"
)

// onDevice is a pipeline's options with a device that dies behind so many calls of its link, and beside them those of
// a pipeline without one.
func onDevice(t *testing.T, behind int, how feast.OnFailure) (device, processor pipeline.Options, target *targettest.Target) {
	t.Helper()
	device, processor = options(t, newModel(t, 1)), options(t, newModel(t, 1))
	target = &targettest.Target{Target: processor.Target, Fault: targettest.Dies, Behind: behind, Options: fpga.Options{CheckEvery: 1}}
	device.Target, device.OnDeviceFailure = target, how
	return device, processor, target
}

// messages are those of a stream.
func messages(t *testing.T, n int) (in []*pipeline.Input) {
	t.Helper()
	all := moving(9, 500*n, 0)
	for i := range n {
		m := message(t, encodings[0], all[500*i:500*(i+1)])
		m.Recording, m.Session, m.Seq, m.HasSeq = "of one", "s", uint64(i), true
		in = append(in, m)
	}
	return in
}

// A device that dies in the middle of a message changes nothing of what comes out, nor of the state.
func TestDeviceFails(t *testing.T) {
	for _, behind := range []int{0, 10, 1200, 3000, 6000} {
		device, processor, target := onDevice(t, behind, "")
		got, want := &record{t: t}, &record{t: t}
		p, q := newPipeline(t, device), newPipeline(t, processor)
		for _, m := range messages(t, 12) {
			require.Equal(t, want.handle(q, m), got.handle(p, m))
			require.Equal(t, marshal(t, q), marshal(t, p))
		}
		require.Equal(t, want.answers, got.answers)
		require.Equal(t, want.labels, got.labels)
		require.Equal(t, q.Counters(), p.Counters())
		require.True(t, target.Links[0].Fired, "behind %d calls", behind)
		name, failure := p.Device()
		require.Equal(t, "purego", name)
		require.ErrorIs(t, failure, targettest.ErrDead)
		require.Equal(t, feast.FallBack, p.OnDeviceFailure())
	}
}

// A pipeline that is to stop finishes the message, and takes none behind it: another can go on from its state with
// what was not taken.
func TestDeviceFailureStops(t *testing.T) {
	device, processor, _ := onDevice(t, 3000, feast.Stop)
	got, want := &record{t: t}, &record{t: t}
	p, q := newPipeline(t, device), newPipeline(t, processor)
	stopped := 0
	for i, m := range messages(t, 12) {
		want.handle(q, m)
		outcome, err := p.Handle(m, got)
		if err == nil {
			require.Equal(t, pipeline.Processed, outcome)
			continue
		}
		require.ErrorIs(t, err, targettest.ErrDead)
		if stopped++; stopped == 1 {
			require.Positive(t, i)
			_, failure := p.Device()
			require.Equal(t, failure, err)
			state := marshal(t, p)
			_, err = p.Handle(m, got)
			require.Error(t, err)
			require.Equal(t, state, marshal(t, p), "it stays as it is")
			next := newPipeline(t, processor)
			require.NoError(t, next.UnmarshalBinary(state))
			defer func() {
				for _, m := range messages(t, 12)[i:] {
					got.handle(next, m)
				}
				require.Equal(t, want.answers, got.answers)
				require.Equal(t, want.labels, got.labels)
				require.Equal(t, marshal(t, q), marshal(t, next))
			}()
		}
	}
	require.Positive(t, stopped)
}

// Another model, or a state, is put in on a device of its own; the old one is given back.
func TestDevicesAreGivenBack(t *testing.T) {
	device, _, target := onDevice(t, 1<<40, feast.Stop)
	p := newPipeline(t, device)
	got := &record{t: t}
	in := messages(t, 4)
	got.handle(p, in[0])
	require.NoError(t, p.SetModel(newModel(t, 2)))
	got.handle(p, in[1])
	require.NoError(t, p.UnmarshalBinary(marshal(t, p)))
	got.handle(p, in[2])
	require.Len(t, target.Links, 3)
	for _, l := range target.Links[:2] {
		require.ErrorContains(t, l.Send([]uint32{1}), "closed")
	}
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	require.ErrorContains(t, target.Links[2].Send([]uint32{1}), "closed")
	got.handle(p, in[3])
	name, failure := p.Device()
	require.Equal(t, "purego", name)
	require.NoError(t, failure)
	device.OnDeviceFailure = "halt"
	_, err := pipeline.New(device)
	require.ErrorContains(t, err, `expected "fallback" or "stop", found "halt"`)
}
