package feast_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// goldenCase is a case.json of the golden vectors.
type goldenCase struct {
	Width            int     `json:"width"`
	Height           int     `json:"height"`
	Eta              float64 `json:"eta"`
	DeltaI           float64 `json:"delta_i"`
	DeltaE           float64 `json:"delta_e"`
	Border           string  `json:"border"`
	Mode             string  `json:"mode"`
	Neurons          int     `json:"neurons"`
	Radius           int     `json:"radius"`
	TauUS            int64   `json:"tau_us"`
	InitialThreshold float64 `json:"initial_threshold"`
}

func (c goldenCase) config() feast.Config {
	return feast.Config{
		Width: c.Width, Height: c.Height, Mode: feast.Mode(c.Mode), Border: feast.Border(c.Border),
		Neurons: c.Neurons, Radius: c.Radius, Tau: time.Duration(c.TauUS) * time.Microsecond,
		Eta: c.Eta, DeltaI: c.DeltaI, DeltaE: c.DeltaE, InitialThreshold: c.InitialThreshold,
	}
}

// TestGoldenVectors walks every folder of golden vectors: an independent float64
// implementation's winners for each event of training and inference.
func TestGoldenVectors(t *testing.T) {
	golden, data := os.Getenv("SACCADE_GOLDEN"), os.Getenv("SACCADE_DATA")
	if golden == "" || data == "" {
		t.Skip("golden vectors: SACCADE_GOLDEN and SACCADE_DATA are not set")
	}
	cases, err := filepath.Glob(filepath.Join(golden, "feast", "*", "case.json"))
	require.NoError(t, err)
	require.NotEmpty(t, cases, "no case.json below %s", golden)
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			testGolden(t, dir, data)
		})
	}
}

func testGolden(t *testing.T, dir, data string) {
	var gc goldenCase
	b, err := os.ReadFile(filepath.Join(dir, "case.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &gc))
	c := gc.config()
	require.NoError(t, c.Validate())

	list, err := os.ReadFile(filepath.Join(dir, "files.txt"))
	require.NoError(t, err)
	var recordings [][]events.Event
	for name := range strings.FieldsSeq(string(list)) {
		recordings = append(recordings, readRecording(t, filepath.Join(data, name)))
	}
	weights, thresholds := readWeights(t, filepath.Join(dir, "initial.f64"), c)
	trained := readWinners(t, filepath.Join(dir, "train_winners.i16"))
	inferred := readWinners(t, filepath.Join(dir, "infer_winners.i16"))

	reference, err := feast.NewReference(c, weights, thresholds)
	require.NoError(t, err)
	winners := runAll(t, recordings, reference.Reset, func(in []events.Event, out []int16) error {
		reference.Process(in, out)
		return nil
	})
	t.Logf("float64, training: %.4f %% of %d events agree", 100*agreement(t, trained, c, winners), len(winners))
	require.GreaterOrEqual(t, agreement(t, trained, c, winners), 0.9999, "float64, training")

	weights, thresholds = readWeights(t, filepath.Join(dir, "final.f64"), c)
	reference, err = feast.NewReference(c, weights, thresholds)
	require.NoError(t, err)
	reference.Learning = false
	winners = runAll(t, recordings, reference.Reset, func(in []events.Event, out []int16) error {
		reference.Process(in, out)
		return nil
	})
	t.Logf("float64, inference: %.4f %%", 100*agreement(t, inferred, c, winners))
	require.GreaterOrEqual(t, agreement(t, inferred, c, winners), 0.9999, "float64, inference")

	for _, target := range hw.Targets() {
		if target.Usable() != nil {
			continue
		}
		layer, err := feast.NewWithWeights(c, target, feast.FromFloat(weights, thresholds))
		require.NoError(t, err)
		layer.SetLearning(false)
		winners = runAll(t, recordings, layer.Reset, layer.Process)
		t.Logf("integer on %s, inference: %.4f %%", target.Name(), 100*agreement(t, inferred, c, winners))
		require.GreaterOrEqual(t, agreement(t, inferred, c, winners), 0.999, "integer on %s, inference", target.Name())
	}
}

func readRecording(t *testing.T, path string) []events.Event {
	t.Helper()
	f, err := events.Open(path, events.OpenOptions{})
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var out []events.Event
	p := events.NewPacket(events.DefaultPacketEvents)
	for {
		err := f.Read(p)
		out = append(out, p.Events...)
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
	}
}

func readWeights(t *testing.T, path string, c feast.Config) (weights, thresholds []float64) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	n := c.Features() * c.Side() * c.Side()
	require.Len(t, b, 8*(n+c.Features()))
	all := make([]float64, len(b)/8)
	for i := range all {
		all[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return all[:n], all[n:]
}

func readWinners(t *testing.T, path string) []int16 {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

func runAll(t *testing.T, recordings [][]events.Event, reset func(), process func([]events.Event, []int16) error) []int16 {
	t.Helper()
	var all []int16
	for _, r := range recordings {
		reset()
		winners := make([]int16, len(r))
		require.NoError(t, process(r, winners))
		all = append(all, winners...)
	}
	return all
}

// agreement is the share of equal results. The golden winners count from 0 in
// each bank, a layer's over all banks.
func agreement(t *testing.T, want []int16, c feast.Config, got []int16) float64 {
	t.Helper()
	require.Len(t, got, len(want))
	same := 0
	for i, winner := range got {
		if winner >= 0 {
			winner %= int16(c.Neurons)
		}
		if want[i] == winner {
			same++
		}
	}
	return float64(same) / float64(len(want))
}
