package frames

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// MaxAll is how many values All gives at most: 1 GiB.
const MaxAll = 1 << 28

// All gives the frames of a whole recording, [frame][plane][row][column], for training
// and for tests. It is an error if they are more than MaxAll values. winners are those
// of the events where frames are of features, see [Framer.Add].
func All(c Config, in []events.Event, winners []int16) ([][]int32, error) {
	f, err := New(c)
	if err != nil {
		return nil, err
	}
	return f.All(in, winners)
}

// All is the function All with a framer, which begins another recording before and
// behind it.
func (f *Framer) All(in []events.Event, winners []int16) ([][]int32, error) {
	return f.all(in, winners, MaxAll)
}

// all gives up behind most values.
func (f *Framer) all(in []events.Event, winners []int16, most int) ([][]int32, error) {
	f.Reset()
	defer f.Reset()
	var out [][]int32
	keep := func(frame *Frame) error {
		if (len(out)+1)*len(frame.Values) > most {
			return fmt.Errorf("frames: expected a recording of at most %d frames of %d values, found more: take longer intervals", len(out), len(frame.Values))
		}
		out = append(out, slices.Clone(frame.Values))
		return nil
	}
	if err := f.Add(in, winners, keep); err != nil {
		return nil, err
	}
	if err := f.End(keep); err != nil {
		return nil, err
	}
	return out, nil
}
