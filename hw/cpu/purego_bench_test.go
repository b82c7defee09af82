package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

// sweepBank is a bank of random weights of length one on a sensor, all of whose pixels have
// fired at some time in the last 100 ms.
func sweepBank(b *testing.B, width, height, side, neurons int, now uint32) *hw.Bank {
	rng := rand.New(rand.NewPCG(1, 1))
	n := side * side
	d, err := hw.NewDecay(20_000, hw.PeakBits(n))
	require.NoError(b, err)
	bank := hw.NewBank(hw.Patch{Side: side, Stride: width, Planes: 1, Decay: d}, make([]uint32, width*height), neurons)
	for i := range bank.Cells {
		bank.Cells[i] = now - rng.Uint32N(100_000)
	}
	values, master := make([]float64, n), make([]int32, n)
	for i := range neurons {
		var sum float64
		for j := range values {
			values[j] = rng.Float64()
			sum += values[j] * values[j]
		}
		for j, v := range values {
			master[j] = int32(v / math.Sqrt(sum) * (1 << hw.MasterFraction))
		}
		bank.SetMaster(i, master)
		bank.Thresholds[i] = 1 << (hw.ThresholdFraction - 1)
	}
	bank.Eta, bank.DeltaI, bank.DeltaE = 1<<22, 1<<14, 3<<14
	return bank
}

// sweepSteps are events of an edge that goes over the sensor, a microsecond apart.
func sweepSteps(bank *hw.Bank, n int, now uint32) []hw.Step {
	rng := rand.New(rand.NewPCG(2, 2))
	columns, rows := bank.Stride-bank.Side+1, len(bank.Cells)/bank.Stride-bank.Side+1
	steps := make([]hw.Step, n)
	for i := range steps {
		x, y := (i*columns/n+rng.IntN(3))%columns, rng.IntN(rows)
		first := y*bank.Stride + x
		steps[i] = hw.Step{First: uint32(first), Cell: uint32(first + bank.Side/2*(bank.Stride+1)), Now: now + uint32(i)}
	}
	return steps
}

// BenchmarkPurego is the portable kernels: whole runs, and their parts an event.
func BenchmarkPurego(b *testing.B) {
	const now, events = 1 << 20, 4096
	k := purego{}.Kernels()
	for _, size := range []struct{ width, height, side, neurons int }{{34, 34, 11, 16}, {240, 180, 13, 100}} {
		name := fmt.Sprintf("%dx%d/neurons=%d/side=%d/", size.width, size.height, size.neurons, size.side)
		bank := func(b *testing.B) *hw.Bank {
			return sweepBank(b, size.width, size.height, size.side, size.neurons, now)
		}
		for _, learning := range []bool{true, false} {
			b.Run(fmt.Sprintf("%srun/learning=%t", name, learning), func(b *testing.B) {
				bank := bank(b)
				bank.Selecting, bank.Learning = learning, learning
				steps := sweepSteps(bank, events, now)
				for b.Loop() { // half a million rounds, at the most, before the last stamp
					for i := range steps {
						steps[i].Now += events
						steps[i].Winner = hw.Pending
					}
					k.Run(bank, steps)
				}
				b.ReportMetric(float64(b.N)*events/b.Elapsed().Seconds(), "events/s")
			})
		}
		n := size.side * size.side
		row, space := hw.ContextLen(n), hw.ContextSpace(n)
		b.Run(name+"context", func(b *testing.B) {
			bank := bank(b)
			at := 0
			for b.Loop() {
				k.Context(bank.Contexts[:space], bank.Cells, at, &bank.Patch, now)
				at = (at + 97) % (len(bank.Cells) - bank.Span() + 1)
			}
		})
		b.Run(name+"match of 4", func(b *testing.B) {
			bank := bank(b)
			for i := range hw.Batch {
				k.Context(bank.Contexts[i*space:][:space], bank.Cells, i, &bank.Patch, now)
			}
			for b.Loop() {
				k.Match(bank.Dots, bank.Weights, bank.Contexts[:hw.Batch*space], bank.Neurons, n)
			}
		})
		b.Run(name+"learn", func(b *testing.B) {
			bank := bank(b)
			c, weights := bank.Contexts[:row], bank.Weights[:row]
			norm := hw.Norm(k.Context(bank.Contexts[:space], bank.Cells, 0, &bank.Patch, now))
			squares := bank.Squares[0]
			for b.Loop() {
				squares = k.Learn(bank.Master[:row], weights, c, hw.NewPull(norm, dot(weights, c), squares, bank.Eta))
			}
		})
	}
}
