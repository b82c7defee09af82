package rtltest_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// three are three neurons on a small sensor; details show every dot product that wins.
func three(t testing.TB) hwfpga.Config {
	t.Helper()
	d, err := hw.NewDecay(20_000, hw.PeakBits(9))
	require.NoError(t, err)
	return hwfpga.Config{Width: 5, Height: 5, Radius: 1, Neurons: 3, Zero: true, Decay: d, Detail: true}
}

// words are those of events in a row of the sensor.
func words(c hwfpga.Config, n int) (words []uint32) {
	host := hwfpga.NewHost(c, false)
	for i := range n {
		words = host.Append(words, events.Event{T: int64(i * 100), X: uint16(i % 5), Y: 2, P: events.On})
	}
	return words
}

// A weight that differs in its lowest bit is found by the first event that shows it, and by who reads what follows
// from it.
func TestDifferencesAreFound(t *testing.T) {
	for name, look := range map[string]func(p *rtltest.Pair) error{
		"by an event": func(p *rtltest.Pair) error {
			for _, w := range words(three(t), 3) {
				if err := p.Tick(rtltest.In{In: fpga.In{Valid: true, Word: w}}); err != nil {
					return err
				}
			}
			for range 200 {
				if err := p.Tick(rtltest.In{In: fpga.In{Ready: true}}); err != nil {
					return err
				}
			}
			return p.Flush()
		},
		"by reading": func(p *rtltest.Pair) error {
			if err := p.Write(hwfpga.RegWindow, hwfpga.WindowSquares); err != nil {
				return err
			}
			if _, err := p.Read(hwfpga.RegData); err != nil {
				return err
			}
			return p.Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, rand.New(rand.NewPCG(3, 3)), builds["small"])
			require.NoError(t, p.Configure(three(t)))
			load(t, p, hwfpga.WindowMaster, 27, func() uint32 { return 1 << 20 })
			require.NoError(t, p.Flush())
			require.NoError(t, p.Model.Write(hwfpga.RegWindow, hwfpga.WindowMaster))
			require.NoError(t, p.Model.Write(hwfpga.RegPlace, 1<<8|1)) // neuron 0, the event's own pixel
			require.NoError(t, p.Model.Write(hwfpga.RegData, 1<<20+1<<9))
			require.ErrorContains(t, look(p), "expected")
		})
	}
}

// Reading the window while words are offered takes none of them away, and they change nothing that is read: the
// design takes none meanwhile. In this its cycles are not its model's.
func TestWindowHoldsWords(t *testing.T) {
	b, c := builds["small"], three(t)
	s := simulate(t, compiled(t, b), 9)
	p, err := rtltest.NewPair(s, b)
	require.NoError(t, err)
	require.NoError(t, p.Configure(c))
	load(t, p, hwfpga.WindowMaster, 27, func() uint32 { return 1 << 21 })
	require.NoError(t, p.Write(hwfpga.RegWindow, hwfpga.WindowMaster))
	require.NoError(t, p.Flush())

	offered := words(c, 200)
	var want, got []uint32
	for _, w := range offered {
		for !p.Model.Out().Ready {
			p.Model.Tick(fpga.In{})
		}
		p.Model.Tick(fpga.In{Valid: true, Word: w, Ready: true})
		for range 100 {
			if o := p.Model.Out(); o.Valid {
				want = append(want, o.Word)
			}
			p.Model.Tick(fpga.In{Ready: true})
		}
	}
	rng := rand.New(rand.NewPCG(4, 4))
	out := make([]rtltest.Out, 1)
	answers, asked, read, held, pause := 0, 0, 0, 0, 0
	for quiet := 0; quiet < 200; quiet++ {
		in := rtltest.In{In: fpga.In{Ready: true}}
		if pause--; len(offered) > 0 && pause < 0 {
			in.Valid, in.Word = true, offered[0]
			quiet = 0
		}
		if asked == answers && rng.IntN(4) == 0 {
			in.Read, in.Address = true, hwfpga.RegData
			if asked%2 == 0 {
				in.Read, in.Write, in.Address = false, true, hwfpga.RegPlace
			}
			asked++
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
			answers++
			if out[0].Data != 0 { // it is busy but for where words are far between
				require.Equal(t, uint32(1<<21), out[0].Data)
				read++
			}
		}
	}
	require.Len(t, want, 3*200)
	require.Equal(t, want, got)
	require.Greater(t, read, 20)
	require.Greater(t, held, 20)
}

// Programs that are not there, or not what they should be, are errors.
func TestProgramsThatFail(t *testing.T) {
	_, err := rtltest.Start(t.Context(), filepath.Join(t.TempDir(), "none"), 1)
	require.ErrorContains(t, err, "rtltest: ")
	s, err := rtltest.Start(t.Context(), "/bin/false", 1)
	require.NoError(t, err)
	require.Error(t, s.Run(make([]rtltest.In, 100_000), make([]rtltest.Out, 100_000)))
	require.Error(t, s.Close())
	s, err = rtltest.Start(t.Context(), "/bin/echo", 1)
	require.NoError(t, err)
	require.ErrorContains(t, s.Run(make([]rtltest.In, 3), make([]rtltest.Out, 3)), "pins of a cycle")
	require.Error(t, s.Close())
}
