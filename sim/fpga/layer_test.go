package fpga_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/hwtest"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// accelerated is a hw.Layer on a device: what a host has to keep itself, and what it reads
// and writes, so that a state is the same bytes as on a CPU. The state's format is that
// of features/feast, which says what its fields are.
type accelerated struct {
	*rig
	learns bool
	counts [6]uint64 // hits, missed, border, outside, noise, ignored
	missed []uint64
	wins   []uint64
	seen   []uint64 // learned, which stays 0 where rates are not annealed
}

var _ hw.Layer = (*accelerated)(nil)

func newAccelerated(t testing.TB, c feast.Config) *accelerated {
	a := &accelerated{
		rig: newRig(t, fpga.DefaultBuild(), c, nil), learns: true,
		missed: make([]uint64, c.Banks()), wins: make([]uint64, c.Features()), seen: make([]uint64, c.Banks()),
	}
	a.SetLearning(true)
	return a
}

func (a *accelerated) Process(in []events.Event, winners []int16) error {
	for i, r := range a.results(in, fpga.Flow{}) {
		winners[i] = r.Winner
		switch r.Winner {
		case hw.Missed:
			a.counts[1]++
			bank := 0
			if a.c.Mode == feast.Split {
				bank = int(in[i].P)
			}
			a.missed[bank]++
		case hw.Border:
			a.counts[2]++
		case hw.Outside:
			a.counts[3]++
		case hw.Noise:
			a.counts[4]++
		case hw.Ignored:
			a.counts[5]++
		default:
			a.counts[0]++
			a.wins[r.Winner]++
		}
	}
	return nil
}

func (a *accelerated) Reset() {
	a.words = a.host.Reset(a.words[:0])
	a.run(fpga.Flow{})
}

func (a *accelerated) SetLearning(on bool) {
	a.learns = on
	a.words = append(a.words[:0], hwfpga.CommandWord, hwfpga.SetMode(on, on || a.c.Inference == feast.Thresholds))
	a.run(fpga.Flow{})
}

func (a *accelerated) MarshalBinary() ([]byte, error) {
	config, err := json.Marshal(a.c.Canonical())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			if err == nil {
				err = binary.Write(&b, binary.LittleEndian, v)
			}
		}
	}
	f := a.c.Features()
	put([]byte("SFST"), uint16(2), uint32(len(config)), config, a.learns, a.counts, a.missed, a.wins, a.seen,
		a.window(hwfpga.WindowMaster, f*a.c.Elements()), a.window(hwfpga.WindowThresholds, f))
	cells := make([]int32, a.config.Banks()*a.plane())
	stamps := a.window(hwfpga.WindowSurface, a.config.Banks()*a.c.Width*a.c.Height)
	a.eachCell(func(i, at int) { cells[at] = stamps[i] })
	put(a.host.Base, a.host.Newest, a.host.StepsBack, a.host.Started, uint64(len(cells)), cells)
	return b.Bytes(), err
}

// plane is the number of cells of a plane in a state, which has a border where patches
// cross the sensor's.
func (a *accelerated) plane() int { return (a.c.Width + 2*a.border()) * (a.c.Height + 2*a.border()) }

func (a *accelerated) border() int {
	if a.config.Zero {
		return a.c.Radius
	}
	return 0
}

// eachCell gives the order of the device's window beside that of a state.
func (a *accelerated) eachCell(f func(i, at int)) {
	i := 0
	for p := range a.config.Banks() {
		for y := range a.c.Height {
			for x := range a.c.Width {
				f(i, p*a.plane()+(y+a.border())*(a.c.Width+2*a.border())+x+a.border())
				i++
			}
		}
	}
}

func (a *accelerated) UnmarshalBinary(state []byte) error {
	// A layer on a CPU checks it.
	checked, err := feast.New(a.c, purego(a.t))
	if err == nil {
		err = checked.UnmarshalBinary(state)
	}
	if err != nil {
		return err
	}
	config, err := json.Marshal(a.c.Canonical())
	if err != nil {
		return err
	}
	r := bytes.NewReader(state[10+len(config):])
	var host hwfpga.HostState
	var count uint64
	cells := make([]int32, a.config.Banks()*a.plane())
	w := feast.Weights{Master: make([]int32, a.c.Features()*a.c.Elements()), Thresholds: make([]int32, a.c.Features())}
	for _, v := range []any{
		&a.learns, &a.counts, &a.missed, &a.wins, &a.seen, &w.Master, &w.Thresholds,
		&host.Base, &host.Newest, &host.StepsBack, &host.Started, &count, &cells,
	} {
		if err := binary.Read(r, binary.LittleEndian, v); err != nil {
			return fmt.Errorf("a state that was accepted: %w", err)
		}
	}
	if r.Len() != 0 {
		return errors.New("a state that was accepted has more bytes")
	}
	a.load(w)
	if err := a.device.Write(hwfpga.RegWindow, hwfpga.WindowSurface); err != nil {
		return err
	}
	a.eachCell(func(_, at int) { require.NoError(a.t, a.device.Write(hwfpga.RegData, uint32(cells[at]))) })
	a.host.Restore(host)
	a.SetLearning(a.learns)
	return hwfpga.Complaint(a.device)
}

// A layer on the device passes the conformance suite, beside purego: winners, and states
// that can be carried from the one to the other.
func TestConformance(t *testing.T) {
	base := feast.Default()
	base.Width, base.Height, base.Radius, base.Neurons = 14, 12, 2, 6
	zero := base
	zero.Mode, zero.Border, zero.Decay, zero.MinRecent, zero.Inference = feast.Merged, feast.BorderZero, feast.DecayLinear, 3, feast.Thresholds
	index := base
	index.Mode, index.Decay, index.Last, index.Radius, index.Neurons = feast.On, feast.DecayIndex, 200, 3, 17
	for i, c := range []feast.Config{base, zero, index} {
		t.Run(fmt.Sprintf("%s %s %s", c.Mode, c.Border, c.Decay), func(t *testing.T) {
			streams := hwtest.Streams(c.Geometry(), 240, uint64(i))
			hwtest.Layer(t, func(t testing.TB) hw.Layer { return newAccelerated(t, c) }, func(t testing.TB) hw.Layer {
				l, err := feast.New(c, purego(t))
				require.NoError(t, err)
				return l
			}, streams...)
		})
	}
}
