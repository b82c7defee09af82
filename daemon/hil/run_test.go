package hil_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/hil"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// stress is a run of random events: two recordings.
func stress(events int64) hil.Config {
	c := hil.Default()
	c.Stream.Simulated = []hil.Simulator{{Kind: hil.Random, Seed: 7, Recordings: 2, Events: events}}
	return c
}

func run(t require.TestingT, c hil.Config, o ...hil.Option) *hil.Report {
	r, err := hil.Run(context.Background(), c, o...)
	require.NoError(t, err)
	return r
}

// failed are the criteria that do not hold.
func failed(r *hil.Report) []string {
	var out []string
	for _, v := range r.Verdicts {
		if !v.Passed {
			out = append(out, v.Name)
		}
	}
	return out
}

// Whatever the layer, the stream and the pace, the model is what the reference says, to the bit.
func TestRunsPass(t *testing.T) {
	slowWithRace(t)
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 3))
		c := stress(300)
		l := &c.Model.Layer
		l.Width, l.Height = 3+rng.IntN(20), 3+rng.IntN(20)
		l.Mode = []feast.Mode{feast.Split, feast.Merged, feast.On}[rng.IntN(3)]
		l.Border = []feast.Border{feast.BorderSkip, feast.BorderZero}[rng.IntN(2)]
		l.Neurons, l.Radius, l.MinRecent = 1+rng.IntN(9), rng.IntN(3), rng.IntN(2)
		l.Decay = []feast.Decay{feast.DecayExponential, feast.DecayLinear, feast.DecayIndex}[rng.IntN(3)]
		if l.Decay == feast.DecayIndex {
			l.Last = 100
		}
		l.Inference = []feast.Inference{feast.Nearest, feast.Thresholds}[rng.IntN(2)]
		if rng.IntN(2) == 0 {
			l.Anneal = feast.Anneal{Every: 1 + uint64(rng.IntN(90)), Factor: 0.7, Floor: 0.1}
		}
		c.Model.Learning = rng.IntN(3) > 0
		c.Compare.Memories = []string{hil.End, hil.Batches}[rng.IntN(2)]
		c.Compare.Batch = 1 + rng.IntN(200)
		c.Stream.Reset = rng.IntN(2) == 0
		c.Compare.Details = rng.IntN(4) > 0
		c.Pacing.Kind, c.Pacing.Burst, c.Pacing.Gap = []string{hil.Fast, hil.Bursts}[rng.IntN(2)], 1+rng.IntN(80), 10*time.Microsecond
		c.Pass.Events = 600
		if l.Width <= 2*l.Radius || l.Height <= 2*l.Radius {
			c.Pass.Events = 0 // no patch fits
		}
		r := run(rt, c)
		require.Empty(rt, failed(r), "%s", r.Text())
		require.Nil(rt, r.First)
		require.Equal(rt, int64(600), r.Events)
		require.Equal(rt, uint64(600), r.Counters["events"])
		require.Equal(rt, uint64(600), r.Latency.Count)
	})
}

// The same run gives the same report but for the clock on the wall.
func TestRunsAreTheSameEveryTime(t *testing.T) {
	slowWithRace(t)
	c := stress(2000)
	c.Faults = []hil.FaultConfig{{Kind: "drop", Direction: hil.In, Rate: 0.001, Seed: 5}, {Kind: "flip stamp", Rate: 0.001, Seed: 6}}
	c.Compare.After = hil.Resync
	text := func() string {
		r := run(t, c)
		require.False(t, r.Passed)
		r.Seconds, r.Host = 0, nil
		b, err := json.Marshal(r)
		require.NoError(t, err)
		return string(b)
	}
	first := text()
	require.Equal(t, first, text())
}

// Paced by their times, events do not wait in the input FIFO: a learned one is answered as soon as sim/fpga's page says.
func TestPacing(t *testing.T) {
	slowWithRace(t)
	c := stress(1)
	c.Stream.Simulated = []hil.Simulator{{Kind: hil.Moving, Seed: 2, Recordings: 1}}
	c.Device.ClockMHz = 1
	fast := run(t, c)
	c.Pacing.Kind = hil.Real
	c.Pass.P99Cycles = 500
	paced := run(t, c)
	require.Empty(t, failed(paced), "%s", paced.Text())
	require.Equal(t, uint64(46), paced.Latency.P50)
	require.Greater(t, fast.Latency.P50, uint64(1000))
	require.InDelta(t, 500_000, float64(paced.Cycles.Total), 20_000) // half a second at 1 MHz
	c.Pacing.Factor = 2
	require.InDelta(t, 250_000, float64(run(t, c).Cycles.Total), 10_000)
	c.Pass.P99Cycles = 40
	require.Equal(t, []string{"latency"}, failed(run(t, c)))
	c.Pass.P99Cycles, c.Pass.EventsPerCycle = 0, 0.5
	require.Equal(t, []string{"throughput"}, failed(run(t, c)))

	c.Pass.EventsPerCycle = 0
	c.Pacing = hil.Pacing{Kind: hil.Bursts, Factor: 1, Burst: 100, Gap: 10 * time.Millisecond}
	bursts := run(t, c)
	require.Empty(t, failed(bursts))
	groups := (bursts.Events - 1) / 100 // gaps between the beginnings of bursts
	require.InDelta(t, float64(10_000*groups), float64(bursts.Cycles.Total), 6_000)
}

// Events that are all of another sensor prove nothing.
func TestNothingCompetes(t *testing.T) {
	c := stress(100)
	c.Model.Layer.Width, c.Model.Layer.Height = 5, 5 // less than a patch
	r := run(t, c)
	require.Equal(t, []string{"events"}, failed(r))
	require.Zero(t, r.Counts.Competed)
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := stress(50_000)
	c.Compare.Batch = 100
	_, err := hil.Run(ctx, c, hil.WithProgress(func(done int64) {
		if done == 300 {
			cancel()
		}
	}))
	require.ErrorIs(t, err, context.Canceled)
}

func TestRunsThatCannotBe(t *testing.T) {
	for says, change := range map[string]func(c *hil.Config){
		"stream: expected recordings":          func(c *hil.Config) { c.Stream.Simulated = nil },
		"no such file":                         func(c *hil.Config) { c.Stream.Recordings = []string{"nowhere.bin"} },
		"no such file or directory":            func(c *hil.Config) { c.Model.File = "nowhere.model" },
		"geometry 0x34":                        func(c *hil.Config) { c.Model.Layer.Width = 0 },
		`mode "planes"`:                        func(c *hil.Config) { c.Model.Layer.Mode, c.Model.Layer.Planes = feast.Planes, 2 },
		"device.build: build: lanes 12":        func(c *hil.Config) { c.Device.Build.Lanes = 12 },
		"configuration refused for register":   func(c *hil.Config) { c.Device.Build.Cells = 10 },
		"compare.reference: expected a target": func(c *hil.Config) { c.Compare.Reference = "fpga-sim" },
		`unknown device "abacus"`:              func(c *hil.Config) { c.Compare.Reference = "abacus" },
		"faults[0]: kind: expected one of":     func(c *hil.Config) { c.Faults = []hil.FaultConfig{{Kind: "gremlins"}} },
		"connection refused":                   func(c *hil.Config) { c.Device.Address = "fpga@127.0.0.1:1" },
		"HOST:PORT":                            func(c *hil.Config) { c.Device.Address = "fpga@somewhere" },
	} {
		t.Run(says, func(t *testing.T) {
			c := stress(10)
			change(&c)
			_, err := hil.Run(context.Background(), c)
			require.ErrorContains(t, err, says)
			require.ErrorContains(t, err, "hil: ")
		})
	}
}

// A trained model's own layer and weights are what the device is given.
func TestModelFile(t *testing.T) {
	c := stress(500)
	c.Model.File = modelFile(t, c.Model.Layer)
	c.Model.Layer = feast.Config{}
	r := run(t, c)
	require.Empty(t, failed(r))
	require.Equal(t, 3, r.Layer.Neurons)
}

// Real recordings, learning on, to the bit: as many events as the issue asks for.
func TestRealRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	c := hil.Default()
	c.Stream = hil.Stream{Recordings: []string{data + "/nmnist/Train"}, Shuffle: 1, Reset: true, Events: 210_000}
	c.Pass.Events, c.Pass.EventsPerCycle = 210_000, 1.0/24
	if raceEnabled {
		c.Stream.Events, c.Pass.Events = 10_000, 10_000
	}
	r := hil.Test(t, c)
	require.Greater(t, r.Counters["won"], uint64(c.Pass.Events*8/10))
	require.Positive(t, r.Counters["missed"])
}

// Every processor that can be used gives the same verdict.
func TestReferences(t *testing.T) {
	slowWithRace(t)
	for _, target := range hw.Targets() {
		if _, opens := target.(hw.Opener); opens || target.Usable() != nil {
			continue
		}
		c := stress(1500)
		c.Compare.Reference = target.Name()
		r := run(t, c)
		require.Empty(t, failed(r), target.Name())
		require.Equal(t, target.Name(), r.Reference)
	}
}

var errBroken = errors.New("the cable is out")
