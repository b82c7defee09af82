package fpgaserve

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/fpga/remote"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// How many events of real recordings go through a device a second, with learning: in this process, and behind sockets
// of this machine.
func BenchmarkEvents(b *testing.B) {
	c := learner(b)
	words, count := stream(c, recordings(b, 10))
	b.Run("in process", func(b *testing.B) {
		d, err := fpga.NewDevice(fpga.DefaultBuild())
		require.NoError(b, err)
		prepare(b, d, c, func() {
			for !d.Idle() {
				d.Tick(fpga.In{})
			}
		})
		n := 0
		for b.Loop() {
			require.NoError(b, fpga.Run(context.Background(), d, words, fpga.Flow{}, func(uint32) { n++ }))
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("tcp", func(b *testing.B) {
		s := serve(b, fpga.DefaultBuild(), Options{})
		l := dial(b, s.Registers(), remote.Options{})
		prepare(b, l, c, func() { settled(b, l) })
		n := 0
		for b.Loop() {
			n += len(through(b, l, words)) - 1
		}
		require.Zero(b, n%count)
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
}

// How long it takes to read a register, and words through the window.
func BenchmarkRegisters(b *testing.B) {
	s := serve(b, fpga.DefaultBuild(), Options{UDP: "127.0.0.1:0"})
	for network, address := range map[string]string{"tcp": s.Registers(), "udp": s.UDP()} {
		r, err := remote.DialRegisters(context.Background(), address, remote.Options{Network: network})
		require.NoError(b, err)
		require.NoError(b, hwfpga.Configure(r, learner(b)))
		settled(b, r)
		b.Run("one/"+network, func(b *testing.B) {
			for b.Loop() {
				_, err := r.Read(hwfpga.RegStatus)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reads/s")
		})
		values := make([]uint32, 4096)
		for name, f := range map[string]func(uint32, []uint32) error{"read": r.ReadAt, "write": r.WriteAt} {
			b.Run("window "+name+"/"+network, func(b *testing.B) {
				for b.Loop() {
					require.NoError(b, f(hwfpga.RegData, values))
				}
				b.ReportMetric(float64(b.N*len(values))/b.Elapsed().Seconds(), "words/s")
			})
		}
		require.NoError(b, r.Settle())
		require.NoError(b, r.Close())
	}
}
