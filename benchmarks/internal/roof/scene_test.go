package roof

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

func TestScenesFitTheirSensors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := 2*rapid.IntRange(1, 7).Draw(t, "radius") + 1
		s := Scene{
			Neurons: rapid.IntRange(1, 20).Draw(t, "neurons"), Side: side,
			Width: rapid.IntRange(side, 40).Draw(t, "width"), Height: rapid.IntRange(side, 40).Draw(t, "height"),
		}
		b, err := s.Bank()
		require.NoError(t, err)
		require.Len(t, b.Cells, s.Cells())
		for i := range s.Neurons {
			var sum int64
			for _, m := range b.MasterOf(i) {
				sum += int64(m) * int64(m)
			}
			require.InEpsilon(t, 1<<(2*hw.MasterFraction), sum, 1e-5, "of length one")
		}
		steps := s.Steps(rapid.IntRange(1, 100).Draw(t, "events"))
		check := func(from uint32) {
			for i, step := range steps {
				require.Equal(t, hw.Pending, step.Winner)
				require.Equal(t, from+uint32(i), step.Now)
				require.LessOrEqual(t, int(step.First)+b.Span(), s.Cells())
				x, y := int(step.First)%s.Width, int(step.First)/s.Width
				require.LessOrEqual(t, x+side, s.Width, "a patch does not go on in the next row")
				require.Equal(t, (y+side/2)*s.Width+x+side/2, int(step.Cell), "its middle")
			}
		}
		check(sceneStart)
		steps[0].Winner = 3
		Again(steps)
		check(sceneStart + uint32(len(steps)))
	})
}

func TestEdgesAreLearned(t *testing.T) {
	s := Scene{Neurons: 16, Side: 11, Width: 34, Height: 34}
	b, err := s.Bank()
	require.NoError(t, err)
	steps := s.Steps(1 << 10)
	for _, c := range b.Cells {
		require.Less(t, steps[0].Now-c, uint32(sceneTau)+1)
	}
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	b.Selecting, b.Learning = true, true
	target.Kernels().Run(b, steps)
	winners := map[int32]bool{}
	for _, step := range steps {
		winners[step.Winner] = true
	}
	require.Greater(t, len(winners), 4, "a time that only one neuron's learning decides would say little")
}
