package decide

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/frames"
)

// tally is what frames have given together.
type tally struct {
	sums           []int64 // of the outputs, in their units
	frames, events uint64
	first, last    int64 // where the first frame began and the last ended, microseconds
}

func newTally(outputs int) tally { return tally{sums: make([]int64, outputs)} }

func (t *tally) add(f *frames.Frame, output []int32) {
	if t.frames == 0 {
		t.first = f.From
	}
	t.last = f.To
	t.frames++
	t.events += f.Events
	for i, v := range output {
		t.sums[i] += int64(v)
	}
}

func (t *tally) clear() {
	clear(t.sums)
	t.frames, t.events, t.first, t.last = 0, 0, 0, 0
}

// mean appends the mean outputs to dst, in the units that scale gives.
func (t *tally) mean(dst, scale []float64) []float64 {
	n := float64(max(t.frames, 1))
	for i, sum := range t.sums {
		dst = append(dst, float64(float64(sum)*scale[i])/n)
	}
	return dst
}

// stateLen is the length of a tally's state.
func (t *tally) stateLen() int { return 8 * (4 + len(t.sums)) }

func (t *tally) appendState(b []byte) []byte {
	for _, v := range []uint64{t.frames, t.events, uint64(t.first), uint64(t.last)} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	for _, v := range t.sums {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return b
}

// restore puts back a state of the right length, whose bytes are at an offset.
func (t *tally) restore(b []byte, at int) error {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	t.frames, t.events, t.first, t.last = word(0), word(1), int64(word(2)), int64(word(3))
	if t.frames > maxFrames || t.frames == 0 && (t.events != 0 || t.first != 0 || t.last != 0) {
		return fmt.Errorf("at byte %d: expected at most %d frames, and nothing without frames, found %d frames of %d events from %d to %d",
			at, uint64(maxFrames), t.frames, t.events, t.first, t.last)
	}
	most := int64(t.frames) << 31
	for i := range t.sums {
		v := int64(word(4 + i))
		if v < -most || v > most {
			return fmt.Errorf("at byte %d: output %d: expected a sum of at most %d either way of %d frames, found %d", at+8*(4+i), i, most, t.frames, v)
		}
		t.sums[i] = v
	}
	return nil
}

// maxFrames is how many outputs of 32 bits a sum can hold: a frame every millisecond
// for 49 days, in a recording that never ends. Behind it the tally begins anew.
const maxFrames = math.MaxUint32
