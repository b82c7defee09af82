package rtltest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// Describing layers and reading weights while changes are offered takes none of them away, and they change nothing that
// is read: the design takes none meanwhile. In this its cycles are not its model's.
func TestDeltaHoldsWords(t *testing.T) {
	b := deltaBuilds["nine"]
	s := simulate(t, compiledDelta(t, b), 9)
	p, err := rtltest.NewDeltaPair(s, b)
	require.NoError(t, err)
	require.NoError(t, p.Configure(smallest(t)))
	describe(t, p, []hw.DeltaShape{{Kind: hw.DeltaLinear, Channels: 4, Height: 1, Width: 1, Outputs: 12}}, 0, 0)
	const weights = 3<<16 | 3
	deltaWindow(t, p, hwfpga.WindowWeights, 8, func() uint32 { return weights })
	require.NoError(t, p.Write(hwfpga.RegWindow, hwfpga.WindowWeights))
	require.NoError(t, p.Flush())

	rng := rand.New(rand.NewPCG(4, 9))
	var offered, want, got []uint32
	for range 100 {
		offered = append(offered, hwfpga.CommandWord, hwfpga.Changes(0))
		for range rng.IntN(6) {
			offered = append(offered, hwfpga.ChangeWord(rng.Int32N(4), rng.Int32N(100)))
		}
		offered = append(offered, hwfpga.CommandWord, hwfpga.Sums(0, true))
	}
	require.NoError(t, fpga.Run(t.Context(), p.Model, offered, fpga.Flow{}, func(w uint32) { want = append(want, w) }))

	out := make([]rtltest.Out, 1)
	var asked rtltest.In
	acked, described, read, held, pause := true, 0, 0, 0, 0
	for quiet := 0; quiet < 300; quiet++ {
		in := rtltest.In{In: fpga.In{Ready: true}}
		if pause--; len(offered) > 0 && pause < 0 {
			in.Valid, in.Word = true, offered[0]
			quiet = 0
		}
		if acked && rng.IntN(4) == 0 {
			asked = []rtltest.In{
				{Write: true, Address: hwfpga.RegPlace}, {Read: true, Address: hwfpga.RegData}, {Write: true, Address: hwfpga.RegLayer, Value: 1},
			}[rng.IntN(3)]
			in.Read, in.Write, in.Address, in.Value = asked.Read, asked.Write, asked.Address, asked.Value
			acked = false
		}
		require.NoError(t, s.Run([]rtltest.In{in}, out))
		switch {
		case in.Valid && out[0].Ready:
			if offered = offered[1:]; rng.IntN(3) == 0 {
				pause = rng.IntN(100)
			}
		case in.Valid:
			held++
		}
		if out[0].Valid {
			got = append(got, out[0].Word)
		}
		if out[0].Ack {
			acked = true
			switch {
			case asked.Read && out[0].Data != 0: // it is busy but for where words are far between
				require.Equal(t, uint32(weights), out[0].Data)
				read++
			case asked.Address == hwfpga.RegLayer:
				described++
			}
		}
	}
	require.Equal(t, want, got)
	require.Greater(t, read, 20)
	require.Greater(t, described, 20)
	require.Greater(t, held, 1000)
}
