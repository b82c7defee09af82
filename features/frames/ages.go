package frames

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/surface"
	"github.com/saccade-dev/saccade/hw"
)

// ages hold the time of the latest event of each cell, in the place of which an index
// surface has the number of events drawn before.
type ages struct {
	width, height, planes int

	surface *surface.Surface
	decay   *hw.Decay
	levels  int32
	index   bool // cells hold numbers of events
	grid    bool // intervals are of time, and what to do with late events is up to them

	clock int64 // of an index surface: how many events were drawn
	stamp uint32
}

func newAges(c Config) (*ages, error) {
	a := &ages{levels: int32(c.Levels), index: c.Decay == feast.DecayIndex, grid: c.Every > 0}
	var err error
	switch c.Decay {
	case feast.DecayIndex:
		a.decay, err = hw.NewLinearDecay(int64(c.Last), hw.MaxPeakBits)
	case feast.DecayLinear:
		a.decay, err = hw.NewLinearDecay(c.Tau.Microseconds(), hw.MaxPeakBits)
	default:
		a.decay, err = hw.NewDecay(c.Tau.Microseconds(), hw.MaxPeakBits)
	}
	if err != nil {
		return nil, fmt.Errorf("frames: %w", err)
	}
	a.width, a.height, a.planes = c.Columns(), c.Rows(), c.Planes()
	a.surface = a.fresh()
	return a, nil
}

// fresh is an empty surface, with a pixel for each cell.
func (a *ages) fresh() *surface.Surface {
	return surface.New(events.Geometry{Width: a.width, Height: a.height}, a.planes, 0, a.decay.Horizon)
}

// begin finds the stamp of an event; 0, which is older than all others, of one that is
// so late that nothing will be left of it when the interval ends.
func (a *ages) begin(t int64) {
	if a.index {
		t = a.clock
		a.clock++
	}
	stamp, ok := a.surface.TryStamp(t)
	if !ok {
		newest, limit, _ := a.surface.Ahead()
		if late := newest <= limit && t < newest; late && a.grid && uint64(newest)-uint64(t) > uint64(a.decay.Horizon) {
			a.stamp = 0
			return
		}
		stamp = a.surface.Stamp(t)
	}
	a.stamp = stamp
}

func (a *ages) draw(cell int) {
	a.surface.Cells[cell] = max(a.surface.Cells[cell], a.stamp)
}

// develop gives the values at a time, or at that of the latest event.
func (a *ages) develop(values []int32, to int64) {
	newest, _, base := a.surface.Ahead()
	if a.index || !a.grid {
		to = newest
	}
	now := uint64(to) - uint64(base)
	const half = 1 << (hw.MaxPeakBits - 1)
	for i, c := range a.surface.Cells {
		if age := now - uint64(c); c == 0 || age >= uint64(a.decay.Horizon) {
			values[i] = 0
		} else {
			v := int32(a.decay.Table[a.decay.Units(uint32(age))])
			values[i] = (v*a.levels + half) >> hw.MaxPeakBits
		}
	}
}

func (a *ages) restart() {
	a.surface.Reset()
	a.surface.StepsBack = 0 // nobody asks, and states are the same
	a.clock = 0
}

func (a *ages) appendState(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(b, uint64(a.clock))
	return a.surface.AppendBinary(b)
}

// restore puts a state back, whose bytes are at an offset; it is as it was where that
// is refused. Before the first event there is nothing on it.
func (a *ages) restore(b []byte, at int, begun bool) error {
	if want := 8 + a.surface.StateLen(); len(b) != want {
		return fmt.Errorf("at byte %d: expected %d bytes of a surface, found %d", at, want, len(b))
	}
	clock := int64(binary.LittleEndian.Uint64(b))
	if clock < 0 || clock > 0 && !a.index {
		return fmt.Errorf("at byte %d: expected the number of events drawn, of an index surface alone, found %d", at, clock)
	}
	next := a.fresh()
	if err := next.UnmarshalBinary(b[8:]); err != nil {
		return err
	}
	if _, limit, _ := next.Ahead(); !begun && (clock != 0 || limit != math.MinInt64) {
		return fmt.Errorf("at byte %d: expected an empty surface before the first event", at)
	}
	a.surface, a.clock = next, clock
	return nil
}
