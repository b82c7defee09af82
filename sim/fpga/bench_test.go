package fpga_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// How many events of real recordings the model simulates in a second, on one core.
func BenchmarkDevice(b *testing.B) {
	all := recordings(b, 10)
	for _, learning := range []bool{true, false} {
		b.Run(map[bool]string{true: "learning", false: "inference"}[learning], func(b *testing.B) {
			r := newRig(b, fpga.DefaultBuild(), feast.Default(), nil)
			r.words = append(r.words, hwfpga.CommandWord, hwfpga.SetMode(learning, learning))
			var words [][]uint32
			total := 0
			for _, in := range all {
				words = append(words, nil)
				last := &words[len(words)-1]
				*last = append(r.host.Reset(*last), hwfpga.CommandWord, hwfpga.SetMode(learning, learning))
				for _, e := range in {
					*last = r.host.Append(*last, e)
				}
				total += len(in)
			}
			runs, results := 0, 0
			for b.Loop() {
				for _, w := range words {
					require.NoError(b, fpga.Run(context.Background(), r.device, w, fpga.Flow{}, func(uint32) { results++ }))
				}
				runs++
			}
			require.Equal(b, runs*total, results)
			report := r.device.Report()
			b.ReportMetric(float64(runs*total)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(report.CyclesPerEvent(), "cycles/event")
		})
	}
}
