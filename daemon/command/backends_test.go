package command_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
)

// printed is what these tests look at of what `train readout` and `eval` print.
type printed struct {
	AccuracyCV float64            `json:"accuracy_cv"`
	DecisionUS float64            `json:"decision_us"`
	Accuracy   float64            `json:"accuracy"`
	Recordings int                `json:"recordings"`
	Confusion  *readout.Confusion `json:"confusion"`
	Online     struct {
		ECE    float64 `json:"ece"`
		Shares []struct {
			Accuracy float64 `json:"accuracy"`
		} `json:"shares"`
	} `json:"online"`
}

// saccade runs a command in this process and gives what it printed as JSON.
func saccade(t *testing.T, args ...string) (out printed) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.Zero(t, command.Run(t.Context(), append(args, "--json"), &stdout, &stderr), "%s", &stderr)
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &out))
	return out
}

// last keeps a pipeline's labels.
type last struct{ labels []pipeline.Label }

func (*last) Features([]events.Event, []int16, bool) error { return nil }
func (l *last) Label(x pipeline.Label) error               { l.labels = append(l.labels, x); return nil }
func (*last) Reject(r pipeline.Reject) error               { return r.Err }

// replayed are the labels that a pipeline with running ones gives of a recording, in
// messages of so many events.
func replayed(t *testing.T, p *pipeline.Pipeline, r nmnist.Recording, size int) []pipeline.Label {
	t.Helper()
	b, err := os.ReadFile(r.Path)
	require.NoError(t, err)
	var out last
	for len(b) > 0 {
		n := min(5*size, len(b))
		_, err := p.Handle(&pipeline.Input{
			Encoding: nmnist.Name, Header: events.MessageHeader{Geometry: events.Geometry{Width: 34, Height: 34}},
			Payload: b[:n], Recording: r.Path, Truth: r.Label, End: n == len(b),
		}, &out)
		require.NoError(t, err)
		b = b[n:]
	}
	return out.labels
}

// TestEveryReadoutFromTrainingToLabels trains every kind of readout by the command,
// on every kind of descriptor, evaluates it, and has a pipeline label the same
// recordings: the final labels are eval's, and the running ones do not depend on how
// the recording was cut.
func TestEveryReadoutFromTrainingToLabels(t *testing.T) {
	if underRace {
		t.Skip("slow under the race detector; the packages beneath run with it")
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	plainly := func(args ...string) {
		var stderr bytes.Buffer
		require.Zero(t, command.Run(t.Context(), args, &stderr, &stderr), "%s", &stderr)
	}
	plainly("simulate", data, "--train", "40", "--test", "10", "--seed", "3")
	features := filepath.Join(dir, "features.model")
	plainly("train", "feast", filepath.Join(data, "Train"), "-o", features, "--neurons", "6", "--radius", "2")
	recordings, err := nmnist.Folder(filepath.Join(data, "Test"))
	require.NoError(t, err)
	descriptors := []string{"counts", "bins", "decayed", "counts,bins,decayed"}
	for i, method := range readout.Methods() {
		descriptor := descriptors[i%len(descriptors)]
		t.Run(string(method)+" on "+descriptor, func(t *testing.T) {
			path := filepath.Join(dir, string(method)+".model")
			args := []string{
				"train", "readout", features, filepath.Join(data, "Train"), "-o", path,
				"--method", string(method), "--descriptor", descriptor, "--cell", "9",
			}
			if method == readout.MethodELM {
				args = append(args, "--hidden", "150")
			}
			trained := saccade(t, args...)
			require.Greater(t, trained.AccuracyCV, 0.5)
			evaluated := saccade(t, "eval", path, filepath.Join(data, "Test"))
			m, err := model.Load(path)
			require.NoError(t, err)
			require.NotNil(t, m.Schedule)
			requireLabelsOfEval(t, m, recordings, evaluated)
		})
	}
	deep := filepath.Join(dir, "deep.model")
	plainly("train", "feast", filepath.Join(data, "Train"), "-o", deep, "--neurons", "6", "--radius", "2", "--layer", "neurons=5,radius=1,pool=2,border=zero")
	for _, descriptor := range []string{"counts", "counts,bins,decayed"} {
		t.Run("two layers, "+descriptor, func(t *testing.T) {
			path := filepath.Join(dir, "counted.model")
			trained := saccade(t, "train", "readout", deep, filepath.Join(data, "Train"), "-o", path,
				"--layers", "all", "--descriptor", descriptor, "--cell", "9")
			require.Greater(t, trained.AccuracyCV, 0.5)
			evaluated := saccade(t, "eval", path, filepath.Join(data, "Test"), "--online")
			require.Equal(t, evaluated.Accuracy, evaluated.Online.Shares[9].Accuracy, "all that was seen is all there is")
			m, err := model.Load(path)
			require.NoError(t, err)
			require.Equal(t, []int{1, 2}, m.Counted)
			requireLabelsOfEval(t, m, recordings, evaluated)
		})
	}
}

// requireLabelsOfEval has pipelines label recordings as eval did.
func requireLabelsOfEval(t *testing.T, m *model.Model, recordings []nmnist.Recording, evaluated printed) {
	t.Helper()
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	o := pipeline.Options{
		Target: target, Model: m, PacketEvents: 1000,
		LabelEvery: 10 * time.Millisecond, LabelMode: pipeline.Running,
	}
	vectors, err := learn.RecipeVectors(t.Context(), m, target, m.Recipe(), recordings, nil)
	require.NoError(t, err)
	confusion := readout.NewConfusion(m.Readout.Classes())
	for i, r := range recordings {
		p, err := pipeline.New(o)
		require.NoError(t, err)
		labels := replayed(t, p, r, 700)
		final := labels[len(labels)-1]
		require.Equal(t, pipeline.KindFinal, final.Kind)
		class, confidence, err := m.Readout.Predict(vectors.Rows[i])
		require.NoError(t, err)
		require.Equal(t, m.Readout.Class(class), final.Label)
		require.Equal(t, confidence, final.Confidence)
		confusion.Add(slices.Index(m.Readout.Classes(), r.Label), slices.Index(m.Readout.Classes(), final.Label))
		require.Greater(t, len(labels), 20)
		for _, l := range labels[:len(labels)-1] {
			require.Equal(t, pipeline.KindRunning, l.Kind)
		}
		if i > 2 {
			continue
		}
		// In other messages, through a state.
		p, err = pipeline.New(o)
		require.NoError(t, err)
		q, err := pipeline.New(o)
		require.NoError(t, err)
		replayed(t, p, r, 333)
		state, err := p.MarshalBinary()
		require.NoError(t, err)
		require.NoError(t, q.UnmarshalBinary(state))
		require.Equal(t, labels, replayed(t, q, r, 99999))
	}
	require.Equal(t, confusion, evaluated.Confusion)
}

// TestReadoutsOnNMNIST trains on a quarter of the real training recordings and prints what
// back ends reach on an eighth: ridge on bins, and a kernel on counts. SACCADE_SLOW
// takes all others to train.
func TestReadoutsOnNMNIST(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	if underRace || testing.Short() {
		t.Skip("takes a few seconds")
	}
	all, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	dir := t.TempDir()
	link := func(half string, r nmnist.Recording) {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, half, r.Label), 0o700))
		require.NoError(t, os.Symlink(r.Path, filepath.Join(dir, half, r.Label, filepath.Base(r.Path))))
	}
	for i, r := range all {
		switch {
		case i%8 == 7:
			link("held-out", r)
		case i%4 == 0 || os.Getenv("SACCADE_SLOW") != "":
			link("train", r)
		}
	}
	features := filepath.Join(dir, "features.model")
	saccade(t, "train", "feast", filepath.Join(dir, "train"), "-o", features, "--neurons", "16", "--radius", "3", "--border", "zero")
	for _, args := range [][]string{
		{"--method", "ridge", "--descriptor", "bins", "--cell", "7"},
		{"--method", "kernel", "--descriptor", "counts", "--cell", "7"},
	} {
		path := filepath.Join(dir, args[1]+".model")
		trained := saccade(t, append([]string{"train", "readout", features, filepath.Join(dir, "train"), "-o", path}, args...)...)
		evaluated := saccade(t, "eval", path, filepath.Join(dir, "held-out"), "--online")
		t.Logf("%v: cross-validation %.2f %%, %d held out %.2f %%, after a third of the time %.2f %%; %.0f us a decision, ECE %.3f",
			args, 100*trained.AccuracyCV, evaluated.Recordings, 100*evaluated.Accuracy, 100*evaluated.Online.Shares[2].Accuracy,
			trained.DecisionUS, evaluated.Online.ECE)
		require.Greater(t, evaluated.Accuracy, 0.85)
		require.InDelta(t, trained.AccuracyCV, evaluated.Accuracy, 0.1)
		require.Less(t, evaluated.Online.ECE, 0.15)
	}
}
