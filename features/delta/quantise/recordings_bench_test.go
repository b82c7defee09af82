package quantise_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// BenchmarkRecordings is a step of random256 on real recordings, frame after frame,
// however it is computed.
func BenchmarkRecordings(b *testing.B) {
	all := recordings(b, 40)
	top, err := topology.Parse(fmt.Appendf(nil, random256, 127), "")
	require.NoError(b, err)
	var frames [][]int32
	for _, r := range all {
		frames = append(frames, r.frames...)
	}
	p, err := quantise.Calibrate(b.Context(), top, random(b, top, rand.New(rand.NewPCG(1, 1))), slices.Values(frames))
	require.NoError(b, err)
	n, _, err := quantise.Quantise(top, p)
	require.NoError(b, err)
	for _, target := range hw.Targets() {
		if target.Usable() != nil {
			continue
		}
		for mode, name := range []string{"auto", "delta", "dense"} {
			b.Run(target.Name()+"/"+name, func(b *testing.B) {
				e, err := delta.NewEngineWith(n, target, delta.Options{Mode: delta.Mode(mode)})
				require.NoError(b, err)
				for i := 0; b.Loop(); i++ {
					if _, err := e.Step(frames[i%len(frames)]); err != nil {
						b.Fatal(err)
					}
				}
				c := e.Counters()
				b.ReportMetric(100*float64(c.Layers[0].TotalSent)/float64(c.Steps*uint64(c.Layers[0].Neurons)), "%changed")
				done, dense := c.TotalMACs()
				b.ReportMetric(100*float64(done)/float64(dense), "%of-dense")
				b.ReportMetric(100*float64(c.Layers[1].DenseSteps)/float64(c.Steps), "%inputs-multiplied")
			})
		}
	}
}
