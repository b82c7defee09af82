package command_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/decide/decidetest"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// withNetwork puts a network of random weights behind a model.
func withNetwork(t *testing.T, m *model.Model, c frames.Config, labels []string) {
	t.Helper()
	decidetest.Behind(t, m, c, labels, decidetest.Shape{Hidden: 20, Step: 0.01, Output: 1e-4, Seed: 1})
}

// evaluatedNetwork is what these tests look at of what `eval` prints of a network.
type evaluatedNetwork struct {
	Accuracy   float64            `json:"accuracy"`
	Recordings int                `json:"recordings"`
	Events     int64              `json:"events"`
	Sparsity   *float64           `json:"sparsity"`
	Confusion  *readout.Confusion `json:"confusion"`
	Network    *struct {
		decide.Counters
		FrameAccuracy float64 `json:"frame_accuracy"`
		MACs          float64 `json:"macs_per_frame"`
		DenseMACs     float64 `json:"dense_macs_per_frame"`
		StateBytes    int     `json:"state_bytes"`
	} `json:"network"`
	Online *struct {
		Shares []struct {
			Accuracy float64 `json:"accuracy"`
			Events   float64 `json:"events"`
		} `json:"shares"`
	} `json:"online"`
}

// What eval says of a model with a network is what a pipeline makes of the same
// recordings: labels, right frames and multiply-adds.
func TestEvalOfANetwork(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	run := func(code int, args ...string) (stdout, stderr string) {
		t.Helper()
		var out, says bytes.Buffer
		require.Equal(t, code, command.Run(t.Context(), args, &out, &says), "%s", &says)
		return out.String(), says.String()
	}
	run(0, "simulate", data, "--train", "10", "--test", "10", "--seed", "3")
	plain := filepath.Join(dir, "features.model")
	run(0, "train", "feast", filepath.Join(data, "Train"), "-o", plain, "--neurons", "6", "--radius", "2")
	recordings, err := nmnist.Folder(filepath.Join(data, "Test"))
	require.NoError(t, err)
	digits := []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	path := filepath.Join(dir, "network.model")
	for name, c := range map[string]frames.Config{
		"raw":      {Every: 30 * time.Millisecond, Pool: 2},
		"features": {Source: frames.Features, Events: 400, Pool: 3},
	} {
		m, err := model.Load(plain)
		require.NoError(t, err)
		withNetwork(t, m, c, digits)
		require.NoError(t, m.Save(path))
		out, _ := run(0, "eval", path, filepath.Join(data, "Test"), "--online", "--json")
		var got evaluatedNetwork
		require.NoError(t, json.Unmarshal([]byte(out), &got))

		p, err := pipeline.New(pipeline.Options{Target: target, Model: m, PacketEvents: 1000})
		require.NoError(t, err)
		confusion := readout.NewConfusion(digits)
		right, of := 0, 0
		for _, r := range recordings {
			for _, l := range replayed(t, p, r, 700) {
				if l.Kind == pipeline.KindFinal {
					confusion.Add(slices.Index(digits, r.Label), slices.Index(digits, l.Label))
					continue
				}
				of++
				if l.Label == r.Label {
					right++
				}
			}
		}
		require.Equal(t, confusion, got.Confusion, name)
		require.Equal(t, confusion.Accuracy(), got.Accuracy)
		require.Equal(t, float64(right)/float64(of), got.Network.FrameAccuracy)
		counters := p.Network().Counters()
		require.Equal(t, counters, got.Network.Counters)
		done, dense, _ := counters.PerFrame()
		require.Equal(t, []float64{done, dense}, []float64{got.Network.MACs, got.Network.DenseMACs})
		require.Less(t, done, dense)
		require.Equal(t, counters.StateBytes(), got.Network.StateBytes)
		require.EqualValues(t, p.Counters().Events, got.Events)
		require.Nil(t, got.Sparsity, "that is of readouts")
		require.Len(t, got.Online.Shares, 10)
		require.Equal(t, got.Accuracy, got.Online.Shares[9].Accuracy)
		require.InDelta(t, float64(got.Events)/10, got.Online.Shares[9].Events, 1e-6)
	}
	text, _ := run(0, "eval", path, filepath.Join(data, "Test"))
	require.Regexp(t, `(?m)^  right   \d+\.\d\d %: \d+ of 10 recordings$`, text)
	require.Regexp(t, `(?m)^  frames  [\d,]+, \d+\.\d a recording, 0 of them without an event; by one alone \d+\.\d\d % are right$`, text)
	require.Contains(t, text, "confidences are not calibrated")
	require.Regexp(t, `(?m)^  work    [\d,]+ multiply-adds a frame, [\d,]+ but for the first of a recording; dense [\d,]+, [\d.]+ times as many$`, text)
	require.Regexp(t, `(?m)^  hidden +20 `, text)

	_, says := run(1, "eval", path, filepath.Join(data, "Test"), "--readout")
	require.Contains(t, says, "the model has features and no readout")
	m, err := model.Load(plain)
	require.NoError(t, err)
	withNetwork(t, m, frames.Config{Every: time.Second, Pool: 10}, digits[:9])
	require.NoError(t, m.Save(path))
	_, says = run(1, "eval", path, filepath.Join(data, "Test"))
	require.Contains(t, says, "label 9 is not among those that")
}
