package benchmarks

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/airplanes"
)

// flight is a recording with the features that won its events.
type flight struct {
	airplanes.Recording
	winners []int16
}

// fly simulates recordings. The parameters of the layer were chosen on those of seed 1.
func fly(t *testing.T, c airplanes.Config, n int) []flight {
	set, err := airplanes.NewDataSet(c, n, 2)
	require.NoError(t, err)
	out := make([]flight, 0, n)
	for r, err := range set.All(t.Context(), runtime.GOMAXPROCS(0)) {
		require.NoError(t, err)
		out = append(out, flight{Recording: r, winners: make([]int16, len(r.Events))})
	}
	return out
}

// airplaneLayer is the layer of the table: small, fast objects want a surface that
// forgets within the time that they need for a few pixels. A recording has ten times the
// events of N-MNIST's, so that thresholds take smaller steps, or they would follow what
// each recording shows: steps of a fifth gave 91 to 92 % with ridge on whole fields where
// N-MNIST's gave 85.
func airplaneLayer(g events.Geometry, seed uint64) feast.Config {
	c := feast.Default()
	c.Width, c.Height = g.Width, g.Height
	c.Neurons, c.Radius, c.Border, c.Tau = 32, 5, feast.BorderZero, 8*time.Millisecond
	c.DeltaI, c.DeltaE, c.Seed = 0.0002, 0.0001, seed
	return c
}

// newAirplaneLayer makes a layer; one that is not going to learn has random weights, of
// which the nearest wins.
func newAirplaneLayer(t *testing.T, c feast.Config, learning bool) *feast.Layer {
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	l, err := feast.New(c, target)
	require.NoError(t, err)
	l.SetWorkers(runtime.GOMAXPROCS(0))
	l.SetLearning(learning)
	return l
}

// pass takes all recordings through a layer, in an order drawn from seed.
func pass(t *testing.T, l *feast.Layer, flights []flight, seed uint64) {
	for _, i := range rand.New(rand.NewPCG(seed, 1)).Perm(len(flights)) {
		l.Reset()
		require.NoError(t, l.Process(flights[i].Events, flights[i].winners))
	}
}

// vectors describes recordings.
func vectors(flights []flight, by recordingPool) readout.Data {
	var d readout.Data
	for _, f := range flights {
		d.Rows = append(d.Rows, by.of(f.Flight, f.Events, f.winners))
		d.Labels = append(d.Labels, f.Flight.Class.String())
	}
	return d
}

// TestAirplaneStages prints what each stage and each back end is worth on simulated
// aeroplanes, 304x240, without noise, with the sensor's, and with a textured background
// as well. SACCADE_AIRPLANES is the number of seeds; a seed draws weights, the order of
// recordings, hidden layers and folds.
func TestAirplaneStages(t *testing.T) {
	seeds := airplaneSeeds()
	if seeds < 1 {
		t.Skip("SACCADE_AIRPLANES is not set: it is the number of seeds, five and more for a standard deviation")
	}
	const recordings = 160
	quiet := func(c *airplanes.Config) {
		c.Texture, c.Sensor.NoiseRate, c.Sensor.LeakRate, c.Sensor.HotRate = 0, 0, 0, 0
	}
	for _, set := range []struct {
		name   string
		change func(*airplanes.Config)
	}{
		{"quiet", quiet},
		{"noise of 0.5 Hz a pixel", func(c *airplanes.Config) { c.Texture = 0 }},
		{"noise of 2 Hz a pixel", func(c *airplanes.Config) { c.Texture, c.Sensor.NoiseRate = 0, 2 }},
		{"noise and textured background", func(*airplanes.Config) {}},
		{"noise and textured background, all from the top", func(c *airplanes.Config) { c.Sides = airplanes.Top }},
	} {
		t.Run(set.name, func(t *testing.T) {
			c := airplanes.DefaultConfig()
			set.change(&c)
			start := time.Now()
			flights := fly(t, c, recordings)
			t.Logf("simulated in %v", time.Since(start))
			table := newAirplaneTable(airplaneReadouts...)
			for seed := uint64(1); seed <= uint64(seeds); seed++ {
				start := time.Now()
				share := table.stages(t, flights, c.Geometry, seed)
				t.Logf("seed %d, %v: %v", seed, time.Since(start).Round(time.Second), share)
			}
			t.Logf("%d recordings, %d seeds, 5-fold cross-validation, percent right of %d classes\n%v", recordings, seeds, airplanes.Classes, table)
			require.Greater(t, table.mean("learned features, whole field", "ridge"), table.mean("raw counts, whole field", "ridge"))
		})
	}
}

// TestAirplanes is the table at a quarter of the field, for ridge and one seed: what features
// are won tells the classes apart where the number of events does not.
func TestAirplanes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a few seconds")
	}
	c := airplanes.DefaultConfig()
	c.Geometry = events.Geometry{Width: 152, Height: 120}
	c.MinSize, c.MaxSize = 25, 40
	c.MinCrossing, c.MaxCrossing = 50*time.Millisecond, 150*time.Millisecond
	flights := fly(t, c, 48)
	table := newAirplaneTable(airplaneReadouts[0])
	share := table.stages(t, flights, c.Geometry, 1)
	t.Logf("%v\n%v", share, table)
	raw, learned := table.mean("raw counts, whole field", "ridge"), table.mean("learned features, whole field", "ridge")
	require.Less(t, raw, 0.55, "of four classes, by the numbers of ON and OFF events")
	require.Greater(t, learned, 0.7)
	require.Greater(t, table.mean("learned features, following window", "ridge"), 0.7)
	// Noise and background are there, and some features take more of them than of aeroplanes.
	require.Greater(t, share.events[0], 0.2*share.events[1])
	require.Contains(t, share.noisy, true)
	require.Greater(t, share.caught[0]/share.events[0], 0.5)
	require.Less(t, share.caught[1]/share.events[1], 0.2)
}

// airplaneSeeds is the number of seeds that the environment asks for.
func airplaneSeeds() int {
	n, _ := strconv.Atoi(os.Getenv("SACCADE_AIRPLANES"))
	return n
}
