package roof

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/hw"
)

// Scene is what the kernels of a layer are timed on: a bank of neurons with random
// weights of length one, on the surface of a sensor over which an edge has gone.
type Scene struct {
	Neurons, Side int
	Width, Height int // of the sensor
}

// String names the scene by what decides its times.
func (s Scene) String() string { return fmt.Sprintf("neurons=%d/side=%d", s.Neurons, s.Side) }

// Elements of a context.
func (s Scene) Elements() int { return s.Side * s.Side }

// Cells of the surface.
func (s Scene) Cells() int { return s.Width * s.Height }

// The parameters of the layer, as the product has them by default.
const (
	sceneTau       = 20_000 // microseconds
	sceneEta       = 0.001
	sceneDeltaI    = 0.001
	sceneDeltaE    = 0.003
	sceneThreshold = 0.5
)

// Bank makes the neurons, and a surface of which every cell fired within the last time
// constant before the stamp [Scene.Steps] begins at.
func (s Scene) Bank() (*hw.Bank, error) {
	n := s.Elements()
	decay, err := hw.NewDecay(sceneTau, hw.PeakBits(n))
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(uint64(s.Neurons), uint64(s.Side)))
	cells := make([]uint32, s.Cells())
	for i := range cells {
		cells[i] = sceneStart - rng.Uint32N(sceneTau)
	}
	b := hw.NewBank(hw.Patch{Side: s.Side, Stride: s.Width, Planes: 1, Decay: decay}, cells, s.Neurons)
	const one = 1 << hw.MasterFraction
	b.Eta = int32(math.Round(sceneEta * (1 << hw.EtaFraction)))
	b.DeltaI, b.DeltaE = int32(math.Round(sceneDeltaI*one)), int32(math.Round(sceneDeltaE*one))
	master, random := make([]int32, n), make([]float64, n)
	for i := range s.Neurons {
		var sum float64
		for j := range random {
			random[j] = rng.Float64()
			sum += float64(random[j] * random[j])
		}
		for j := range master {
			master[j] = int32(math.Round(random[j] / math.Sqrt(sum) * one))
		}
		b.SetMaster(i, master)
		b.Thresholds[i] = sceneThreshold * one
	}
	return b, nil
}

// sceneStart is the stamp of the first step.
const sceneStart = 1 << 20

// Steps makes n events that all take part: a vertical edge goes over the sensor, a
// microsecond from event to event, and one event in eight is noise. None lies where its
// patch would cross the border.
func (s Scene) Steps(n int) []hw.Step {
	rng := rand.New(rand.NewPCG(3, uint64(n)))
	steps := make([]hw.Step, n)
	width, height := s.Width-s.Side+1, s.Height-s.Side+1
	for i := range steps {
		x := (i*width/n + rng.IntN(3)) % width
		if rng.IntN(8) == 0 {
			x = rng.IntN(width)
		}
		first := rng.IntN(height)*s.Width + x
		steps[i] = hw.Step{
			First:  uint32(first),
			Cell:   uint32(first + s.Side/2*(s.Width+1)),
			Now:    sceneStart + uint32(i),
			Winner: hw.Pending,
		}
	}
	return steps
}

// Again makes the steps ready for another round behind the one before.
func Again(steps []hw.Step) {
	for i := range steps {
		steps[i].Now += uint32(len(steps))
		steps[i].Winner = hw.Pending
	}
}
