package readout_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// TestLayers prints what each kind of layer is worth on N-MNIST's training recordings,
// by 5-fold cross-validation of its pooled counts. SACCADE_LAYERS is the number of
// seeds; one takes about two minutes on two cores.
func TestLayers(t *testing.T) {
	seeds, _ := strconv.Atoi(os.Getenv("SACCADE_LAYERS"))
	if seeds < 1 {
		t.Skip("SACCADE_LAYERS is not set: it is the number of seeds")
	}
	recordings := trainingHalf(t)
	var b strings.Builder
	for _, layer := range []struct {
		name   string
		change func(c *feast.Config)
	}{
		{"exponential, 20 ms; split", func(*feast.Config) {}},
		{"merged, 64 neurons", func(c *feast.Config) { c.Mode, c.Neurons, c.DeltaE = feast.Merged, 64, 0.00075 }},
		{"ON events only, 64 neurons", func(c *feast.Config) { c.Mode, c.Neurons, c.DeltaE = feast.On, 64, 0.00075 }},
		{"exponential, 5 ms", func(c *feast.Config) { c.Tau = 5 * time.Millisecond }},
		{"exponential, 50 ms", func(c *feast.Config) { c.Tau = 50 * time.Millisecond }},
		{"linear, 50 ms", func(c *feast.Config) { c.Decay, c.Tau = feast.DecayLinear, 50*time.Millisecond }},
		{"linear, 100 ms", func(c *feast.Config) { c.Decay, c.Tau = feast.DecayLinear, 100*time.Millisecond }},
		{"index, the last 250 events", func(c *feast.Config) { c.Decay, c.Last = feast.DecayIndex, 250 }},
		{"index, the last 1000 events", func(c *feast.Config) { c.Decay, c.Last = feast.DecayIndex, 1000 }},
		{"2 pixels recent", func(c *feast.Config) { c.MinRecent = 2 }},
		{"4 pixels recent", func(c *feast.Config) { c.MinRecent = 4 }},
		{"thresholds decide", func(c *feast.Config) { c.Inference = feast.Thresholds }},
		{"eta 0.01, halved every 200,000 events", func(c *feast.Config) {
			c.Eta, c.Anneal = 0.01, feast.Anneal{Every: 200_000, Factor: 0.5, Floor: 0.02}
		}},
		{"border skipped", func(c *feast.Config) { c.Border = feast.BorderSkip }},
		{"radius 2", func(c *feast.Config) { c.Radius = 2 }},
		{"radius 5", func(c *feast.Config) { c.Radius = 5 }},
		{"16 neurons", func(c *feast.Config) { c.Neurons, c.DeltaE = 16, 0.003 }},
		{"64 neurons", func(c *feast.Config) { c.Neurons, c.DeltaE = 64, 0.00075 }},
	} {
		var ridge, kernel []float64
		for seed := range uint64(seeds) {
			c := stageLayer(seed + 1)
			layer.change(&c)
			win(t, recordings, c, true)
			d := describe(recordings, bins(t, pool.Config{
				Geometry: events.Geometry{Width: 34, Height: 34}, Features: c.Features(), Spread: pool.SpreadBilinear,
			}))
			_, r, err := readout.Train(t.Context(), d, readout.Options{Seed: seed})
			require.NoError(t, err)
			_, k, err := readout.TrainKernel(t.Context(), d, readout.KernelOptions{Options: readout.Options{Seed: seed}})
			require.NoError(t, err)
			ridge, kernel = append(ridge, r.Confusion.Accuracy()), append(kernel, k.Confusion.Accuracy())
			t.Logf("seed %d, %s: %.2f %.2f", seed+1, layer.name, 100*ridge[seed], 100*kernel[seed])
		}
		fmt.Fprintf(&b, "\n%-40s", layer.name)
		for _, v := range [][]float64{ridge, kernel} {
			mean, sd := meanStd(v)
			fmt.Fprintf(&b, "  %6.2f +- %4.2f", 100*mean, 100*sd)
		}
	}
	t.Logf("%d recordings, %d seeds, 5-fold cross-validation, percent right\n%-40s  %14s  %14s%s", len(recordings), seeds, "", "ridge", "kernel", b.String())
}
