package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/hw"
)

// TestNetworkOnNMNIST takes real recordings all the way: features of a part of the
// training half, a network that is trained on their time surfaces, labels for every 20 ms
// of recordings that neither has seen. It prints what they are worth and what they cost.
func TestNetworkOnNMNIST(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	all, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	var fit, held []nmnist.Recording
	for i, r := range all {
		switch i % 16 {
		case 0, 3, 6, 9, 12:
			fit = append(fit, r)
		case 15:
			held = append(held, r)
		}
	}
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	layer := feast.Default()
	layer.Neurons, layer.Radius, layer.Border = 8, 3, feast.BorderZero
	m, _, err := learn.Features(t.Context(), layer, target, fit[:100], nil)
	require.NoError(t, err)
	set, err := learn.Frames(t.Context(), m, target, frames.Config{
		Source: frames.Features, Every: 20 * time.Millisecond, Pool: 4, Levels: 7, Kind: frames.Surface, Tau: 100 * time.Millisecond,
	}, fit, nil)
	require.NoError(t, err)
	top, err := topology.Parse(fmt.Appendf(nil, `
input: {channels: %d, height: %d, width: %d, max: %d}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 64}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`, set.Config.Planes(), set.Config.Rows(), set.Config.Columns(), set.Config.Levels), "")
	require.NoError(t, err)
	trainer, err := train.New(top, train.Options{Epochs: 8, Seed: 1, Sparsity: 0.5})
	require.NoError(t, err)
	require.NoError(t, trainer.Run(t.Context(), set, nil))
	net, _, err := quantise.Quantise(trainer.Topology(), trainer.Params())
	require.NoError(t, err)
	m.Network = &decide.Network{Frames: set.Config, Net: net, Labels: set.Classes}

	p := newPipeline(t, pipeline.Options{Target: target, Model: m, PacketEvents: events.DefaultPacketEvents})
	out := &record{t: t}
	for _, r := range held {
		payload, err := os.ReadFile(r.Path)
		require.NoError(t, err)
		out.handle(p, &pipeline.Input{
			Encoding: nmnist.Name, Header: events.MessageHeader{Geometry: p.Layer().Config().Geometry()},
			Payload: payload, Recording: r.Path, Truth: r.Label, End: true,
		})
	}
	require.Empty(t, out.rejects)
	right, of := map[pipeline.LabelKind]int{}, map[pipeline.LabelKind]int{}
	for _, l := range out.labels {
		of[l.Kind]++
		if l.Label == l.Truth {
			right[l.Kind]++
		}
	}
	require.Equal(t, len(held), of[pipeline.KindFinal])
	counters := p.Network().Counters()
	done, dense, _ := counters.PerFrame()
	t.Logf("%d recordings to learn from; right: %d of %d recordings, %d of %d frames; %.0f multiply-adds a frame of %.0f",
		len(fit), right[pipeline.KindFinal], of[pipeline.KindFinal], right[pipeline.KindInterval], of[pipeline.KindInterval], done, dense)
	require.Greater(t, float64(right[pipeline.KindFinal])/float64(of[pipeline.KindFinal]), 0.8)
	require.Greater(t, float64(right[pipeline.KindInterval])/float64(of[pipeline.KindInterval]), 0.75)
	require.Less(t, done, dense/5)
}
