package sizing

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/simulate/simulatetest"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/saccades"
)

func TestMain(m *testing.M) { simulatetest.Main(m, &shared) }

// shared are recordings of a camera that is free of noise.
var shared = simulatetest.Folder{Train: 24, Config: noiseless()}

func noiseless() saccades.Config {
	c := saccades.DefaultConfig()
	c.Sensor.NoiseRate, c.Sensor.LeakRate = 0, 0
	return c
}

// small are options that take little time.
func small(t *testing.T) Options {
	t.Helper()
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	c := feast.Default()
	c.Radius = 2
	return Options{
		Config: c, Target: target, Recordings: shared.Recordings(t),
		Rate: 2, Sizes: []int{2, 4, 8, 16}, Runs: 2, Most: 20,
	}
}

func TestRun(t *testing.T) {
	o := small(t)
	var steps atomic.Int64
	o.Done = func() { steps.Add(1) }
	before := slices.Clone(o.Recordings)
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, before, o.Recordings)
	require.Equal(t, int64(4*2*20), steps.Load())
	require.Equal(t, o.Steps(), int(steps.Load()))
	require.Equal(t, 15, r.Learned)
	require.Equal(t, 5, r.Measured)
	require.Equal(t, []string{"OFF", "ON"}, r.BankNames)
	require.Len(t, r.Curve, 4)

	// Every event of the measured recordings was counted, and noise as often as its rate
	// says: 2 Hz, 1,156 pixels and about 0.3 s for each of five recordings.
	var noise, structure float64
	for _, b := range r.Curve[0].Banks {
		noise += b.Mean.Noise
		structure += b.Mean.Structure
	}
	require.InEpsilon(t, 2*1156*0.3*5, noise/(1-r.Untaken.Noise), 0.1)
	require.Greater(t, r.Untaken.Noise, r.Untaken.Structure, "it falls on the border, where digits do not")
	require.InEpsilon(t, noise/(1-r.Untaken.Noise)+structure/(1-r.Untaken.Structure), float64(r.EventsSeen)/8, 0.01)

	// The larger layers tell noise apart, and the smallest does not.
	for b := range r.BankNames {
		require.Greater(t, r.Curve[3].Banks[b].Mean.Separation, 0.3)
		require.Greater(t, r.Curve[3].Banks[b].Mean.Separation, 1.5*r.Curve[0].Banks[b].Mean.Separation)
		require.GreaterOrEqual(t, r.Curve[3].Banks[b].Mean.Taken, 1.0)
		require.Greater(t, r.Curve[3].Banks[b].Mean.StructureCosine, r.Curve[0].Banks[b].Mean.StructureCosine)
	}
	require.NotZero(t, r.Choice.Neurons)
	require.NoError(t, r.Err())

	text := r.String()
	require.Contains(t, text, fmt.Sprintf("\n* %7d  OFF", r.Choice.Neurons))
	require.Contains(t, text, fmt.Sprintf("chosen: %d neurons a bank (OFF asks for", r.Choice.Neurons))
	require.NotContains(t, text, " \n")
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var back Result
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, r, back)
	page := r.Page("here")
	require.Equal(t, r.Choice.Neurons, page.Chosen)
	require.Len(t, page.Banks, 2)
	require.Len(t, page.Banks[1].Points, 4)
}

// However many cores there are, the result is the same; with another seed it is not.
func TestRunOnAnyCores(t *testing.T) {
	o := small(t)
	o.Sizes, o.Most = []int{2, 3, 4}, 8
	run := func(cores int, seed uint64) Result {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		o.Config.Seed = seed
		r, err := Run(t.Context(), o)
		require.NoError(t, err)
		return r
	}
	want := run(1, 1)
	require.Equal(t, want, run(5, 1))
	require.NotEqual(t, want.Curve, run(1, 2).Curve)
}

func TestRunMerged(t *testing.T) {
	o := small(t)
	o.Config.Mode, o.Sizes, o.Most, o.Runs = feast.Merged, []int{2, 4, 8}, 8, 1
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, []string{"merged"}, r.BankNames)
	require.Len(t, r.Choice.Banks, 1)
	require.Contains(t, r.String(), "one run of each size, which has no spread\n")
	require.NotContains(t, r.String(), "±")
}

// Undecided is no error of Run, and one of the result.
func TestRunUndecided(t *testing.T) {
	o := small(t)
	o.Rate, o.Sizes, o.Most = 0.01, []int{2, 3, 4}, 4
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Zero(t, r.Choice.Neurons)
	require.ErrorContains(t, r.Err(), "expected 100 of each or more")
	require.NotContains(t, r.String(), "no size was chosen", "which the error says")
	require.Contains(t, r.String(), " ± ")
	require.Contains(t, r.Page("").Doubts[0], "OFF: ")
}

func TestRunNamesTheFirstDamage(t *testing.T) {
	o := small(t)
	o.Sizes, o.Most = []int{2, 3, 4}, 8
	o.Recordings = slices.Clone(o.Recordings)
	for i := range o.Recordings {
		if i%3 == 0 {
			o.Recordings[i].Path = fmt.Sprintf("%s.%d", filepath.Join(t.TempDir(), "none"), i)
		}
	}
	o.Most = len(o.Recordings)
	var want string
	for range 5 {
		_, err := Run(t.Context(), o)
		var pe *fs.PathError
		require.ErrorAs(t, err, &pe)
		if want == "" {
			want = pe.Path
		}
		require.Equal(t, want, pe.Path)
	}
}

func TestRunCancelled(t *testing.T) {
	o := small(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var steps atomic.Int64
	o.Done = func() {
		if steps.Add(1) == 3 {
			cancel()
		}
	}
	_, err := Run(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, steps.Load(), int64(o.Steps()))
}

func TestOptions(t *testing.T) {
	for says, change := range map[string]func(*Options){
		"noise rate 0 Hz":                   func(o *Options) { o.Rate = 0 },
		"noise rate NaN Hz":                 func(o *Options) { o.Rate = math.NaN() },
		"noise rate 1001 Hz":                func(o *Options) { o.Rate = 1001 },
		"3 to 64 sizes, found 2":            func(o *Options) { o.Sizes = []int{2, 4} },
		"greater than the one before":       func(o *Options) { o.Sizes = []int{2, 4, 4} },
		"sizes [4 2 8]":                     func(o *Options) { o.Sizes = []int{4, 2, 8} },
		"neurons 0":                         func(o *Options) { o.Sizes = []int{0, 2, 8} },
		"neurons 5000":                      func(o *Options) { o.Sizes = []int{2, 8, 5000} },
		"runs 0":                            func(o *Options) { o.Runs = 0 },
		"runs 101":                          func(o *Options) { o.Runs = 101 },
		"1 recordings at the most":          func(o *Options) { o.Most = 1 },
		"2 recordings or more":              func(o *Options) { o.Recordings = o.Recordings[:1] },
		"radius -1: expected 0 to 31":       func(o *Options) { o.Config.Radius = -1 },
		"mode \"planes\": expected a layer": func(o *Options) { o.Config.Mode, o.Config.Planes = feast.Planes, 4 },
		"geometry 0x34: expected sides f":   func(o *Options) { o.Config.Width = 0 },
	} {
		o := small(t)
		change(&o)
		_, err := Run(t.Context(), o)
		require.ErrorContains(t, err, says)
	}
	o := small(t)
	o.Recordings = o.Recordings[:2]
	require.NoError(t, o.Validate())
	learn, measure := o.split()
	require.Equal(t, []int{1, 1}, []int{learn, measure})
	require.True(t, slices.IsSorted(DefaultSizes()))
}

// On real recordings the curve has a bend: features of a few neurons do not tell noise
// from structure, a dozen do, and more of them do it hardly better.
func TestRealRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: no real recordings")
	}
	o := small(t)
	var err error
	o.Recordings, err = nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	o.Rate, o.Sizes, o.Runs, o.Most = DefaultRate, []int{2, 4, 8, 16, 32}, 2, 120
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.True(t, r.Choice.Neurons == 8 || r.Choice.Neurons == 16, "%+v", r.Choice)
	for b := range r.BankNames {
		require.Less(t, r.Curve[0].Banks[b].Mean.Separation, 0.15)
		m := r.Curve[3].Banks[b].Mean
		require.Greater(t, m.Separation, 0.35)
		require.Greater(t, m.Caught, 0.6)
		require.Less(t, m.Lost, 0.1)
		require.Less(t, r.Curve[4].Banks[b].Mean.Separation, 1.15*m.Separation)
	}
}
