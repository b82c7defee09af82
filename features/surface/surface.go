package surface

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// Surface is the last event times of a sensor, in one plane or more. Around each
// plane lies a border of cells that never fire, so that a patch may cross it.
type Surface struct {
	// Cells are the planes, row by row. A cell is 0 where no event was, and
	// otherwise a time as Stamp gives it.
	Cells []uint32
	// Stride is the distance of two rows, Plane that of two planes.
	Stride, Plane int

	border  int
	horizon uint32

	base    int64 // the time whose stamp is 0
	newest  int64 // the latest time seen
	started bool

	// StepsBack counts how often time ran back by more than the horizon, and the
	// surface was cleared.
	StepsBack uint64
}

// New makes an empty surface. Ages from horizon microseconds on, at most
// MaxHorizon, do not matter to the caller.
func New(g events.Geometry, planes, border int, horizon uint32) *Surface {
	if !g.Valid() || planes < 1 || border < 0 || horizon > MaxHorizon {
		panic(PanicConfig)
	}
	s := &Surface{Stride: g.Width + 2*border, border: border, horizon: horizon}
	s.Plane = s.Stride * (g.Height + 2*border)
	s.Cells = make([]uint32, planes*s.Plane)
	return s
}

// MaxHorizon is more than that of any decay: twice as much is a stamp, with room
// behind it.
const MaxHorizon = 1<<29 + 1<<27

// PanicConfig is the panic of New for a configuration that cannot be.
const PanicConfig = "surface: a geometry, a number of planes, a border or a horizon out of range"

// Index is the cell of a pixel, which must lie on the sensor.
func (s *Surface) Index(plane int, x, y uint16) int {
	return plane*s.Plane + (int(y)+s.border)*s.Stride + int(x) + s.border
}

// TryStamp maps a time to what a cell holds, where that needs no change of the
// cells; otherwise [Surface.Stamp] has to be called. A caller that has handed
// earlier events to somebody who works on the cells lets him end in between.
func (s *Surface) TryStamp(t int64) (stamp uint32, ok bool) {
	newest := max(s.newest, t)
	ago, since := uint64(newest)-uint64(t), uint64(t)-uint64(s.base)
	// The distance of any two times fits in 64 bits without sign, but the base may
	// lie before the first of them: a leap to the other end of time would come out
	// behind it. Hence the distance to the latest time, too.
	if !s.started || since > hw.MaxStamp || ago > uint64(s.horizon) || uint64(newest)-uint64(s.newest) > math.MaxUint32 {
		return 0, false
	}
	s.newest = newest
	return uint32(since), true
}

// Ahead gives the times, from newest to limit, that map to stamps by taking base off,
// with no more to do than to tell [Surface.SetNewest] of the last of them: what most
// events are. There are none where newest is behind limit.
func (s *Surface) Ahead() (newest, limit, base int64) {
	limit = s.base + min(hw.MaxStamp, math.MaxInt64-max(s.base, 0))
	if !s.started || s.base > s.newest { // where the base lies before the first of all times
		limit = math.MinInt64
	}
	return s.newest, limit, s.base
}

// SetNewest says that times up to one from what [Surface.Ahead] gave were seen.
func (s *Surface) SetNewest(t int64) { s.newest = t }

// Stamp maps a time to what a cell holds. Stamps of one surface compare as their
// times do until the next call. A time more than the horizon before the latest
// one is a new start: a camera that was switched off and on, a recording played
// again. It clears the surface.
func (s *Surface) Stamp(t int64) uint32 {
	if stamp, ok := s.TryStamp(t); ok {
		return stamp
	}
	s.newest = max(s.newest, t)
	return s.restamp(t)
}

// origin is the stamp that the latest time gets when the base moves. A cell that
// never fired is then older than the horizon for every time that is not a new
// start.
func (s *Surface) origin() int64 { return 2*int64(s.horizon) + 2 }

func (s *Surface) restamp(t int64) uint32 {
	switch {
	case !s.started:
		s.started = true
	case uint64(s.newest)-uint64(t) > uint64(s.horizon):
		s.StepsBack++
		clear(s.Cells)
	default:
		move := uint64(t-s.origin()) - uint64(s.base)
		for i, c := range s.Cells {
			if uint64(c) <= move {
				s.Cells[i] = 0
			} else {
				s.Cells[i] = c - uint32(move)
			}
		}
	}
	s.newest = t
	s.base = t - s.origin()
	return uint32(s.origin())
}

// Newest is the latest time seen, 0 before the first.
func (s *Surface) Newest() int64 { return s.newest }

// Reset clears the surface, as before a new recording.
func (s *Surface) Reset() {
	clear(s.Cells)
	s.started = false
	s.newest, s.base = 0, 0
}

// stateBytes is what a state has besides its cells: base, newest, steps back,
// started, and the number of cells.
const stateBytes = 8 + 8 + 8 + 1 + 8

// AppendBinary appends the surface's state.
func (s *Surface) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(b, uint64(s.base))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.newest))
	b = binary.LittleEndian.AppendUint64(b, s.StepsBack)
	started := byte(0)
	if s.started {
		started = 1
	}
	b = append(b, started)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(s.Cells)))
	for _, c := range s.Cells {
		b = binary.LittleEndian.AppendUint32(b, c)
	}
	return b, nil
}

// UnmarshalBinary puts back a state taken from a surface of the same shape. The
// surface is as it was when the state is refused.
func (s *Surface) UnmarshalBinary(b []byte) error {
	if want := stateBytes + 4*len(s.Cells); len(b) != want {
		return fmt.Errorf("surface state: expected %d bytes for %d cells, found %d", want, len(s.Cells), len(b))
	}
	if n := binary.LittleEndian.Uint64(b[25:]); n != uint64(len(s.Cells)) {
		return fmt.Errorf("surface state at byte 25: expected %d cells, found %d", len(s.Cells), n)
	}
	if b[24] > 1 {
		return fmt.Errorf("surface state at byte 24: expected 0 or 1, found %d", b[24])
	}
	base, newest, started := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), b[24] == 1
	// No cell is newer than the latest time, whose stamp never falls below the
	// origin; before the first event there is nothing.
	latest := newest - base
	if started && (latest < uint64(s.origin()) || latest > hw.MaxStamp) || !started && (base != 0 || newest != 0) {
		return fmt.Errorf("surface state at byte 0: time base %d does not belong to the latest time %d", int64(base), int64(newest))
	}
	for i := range s.Cells {
		at := stateBytes + 4*i
		if c := binary.LittleEndian.Uint32(b[at:]); uint64(c) > latest {
			return fmt.Errorf("surface state at byte %d: expected a stamp of at most %d, found %d", at, latest, c)
		}
	}
	s.base, s.newest, s.started = int64(base), int64(newest), started
	s.StepsBack = binary.LittleEndian.Uint64(b[16:])
	for i := range s.Cells {
		s.Cells[i] = binary.LittleEndian.Uint32(b[stateBytes+4*i:])
	}
	return nil
}

// StateLen is the length of the surface's state in bytes.
func (s *Surface) StateLen() int { return stateBytes + 4*len(s.Cells) }
