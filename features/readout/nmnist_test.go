package readout_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/readout"
)

// nmnistCounts reads the recordings below nmnist/Train as counts of raw events by
// polarity in cells of 5x5 pixels, 7x7x2 numbers, square roots of unit length.
// The folders' names are the labels.
func nmnistCounts(t testing.TB) readout.Data {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	files, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", "*", "*.bin"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no recordings below %s", data)
	var d readout.Data
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		row := make([]float32, 7*7*2)
		total := 0
		// Five bytes an event: x, y, the polarity above 23 bits of time.
		for ; len(raw) >= 5; raw = raw[5:] {
			if raw[0] < 34 && raw[1] < 34 {
				row[(int(raw[1])/5*7+int(raw[0])/5)*2+int(raw[2]>>7)]++
				total++
			}
		}
		for i, n := range row {
			row[i] = float32(math.Sqrt(float64(n)) / math.Sqrt(float64(total)))
		}
		d.Rows = append(d.Rows, row)
		d.Labels = append(d.Labels, filepath.Base(filepath.Dir(file)))
	}
	return d
}

// Raw counts are the baseline that learned features have to beat. An independent
// implementation reached about 84 % with raw counts.
func TestRawCountsOfNMNIST(t *testing.T) {
	d := nmnistCounts(t)
	for _, o := range []readout.Options{
		{Method: readout.Ridge, Seed: 1},
		{Method: readout.Logistic, Seed: 1, Lambdas: readout.LogGrid(1e-6, 1e-3, 4)},
	} {
		m, r, err := readout.Train(t.Context(), d, o)
		require.NoError(t, err)
		t.Logf("%s%s", r, r.Confusion)
		require.Greater(t, r.Grid[r.Chosen].Accuracy, 0.75)
		require.False(t, r.AtEdge)
		require.Len(t, m.Classes(), 10)

		// Confidence means something if it is right on average, out of fold; on the
		// training set it can only be too modest.
		sum := 0.0
		for _, row := range d.Rows {
			_, confidence, err := m.Predict(row)
			require.NoError(t, err)
			sum += confidence / float64(len(d.Rows))
		}
		require.InDelta(t, r.Grid[r.Chosen].Accuracy, sum, 0.1)
	}
}
