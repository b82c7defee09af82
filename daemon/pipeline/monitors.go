package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/monitor"
)

// monitors are those of a pipeline's layers. The state of a single one is its own; that
// of several is, for each, the length of its state u64, little-endian, and the state.
type monitors []*monitor.Monitor

func (ms monitors) MarshalBinary() ([]byte, error) {
	if len(ms) == 1 {
		return ms[0].MarshalBinary()
	}
	var b []byte
	for _, m := range ms {
		state, err := m.MarshalBinary()
		if err != nil {
			return nil, err
		}
		b = binary.LittleEndian.AppendUint64(b, uint64(len(state)))
		b = append(b, state...)
	}
	return b, nil
}

// UnmarshalBinary puts a state back. Where a monitor looked otherwise than is asked for
// now, its history begins anew: nothing that was learned rests on it.
func (ms monitors) UnmarshalBinary(b []byte) error {
	for i, m := range ms {
		state := b
		if len(ms) > 1 {
			if len(b) < 8 || binary.LittleEndian.Uint64(b) > uint64(len(b)-8) {
				return fmt.Errorf("monitors: expected the state of layer %d, found the end", i+1)
			}
			n := 8 + int(binary.LittleEndian.Uint64(b))
			state, b = b[8:n], b[n:]
		}
		var other monitor.OptionsError
		if err := m.UnmarshalBinary(state); err != nil && !errors.As(err, &other) {
			return err
		}
	}
	if len(ms) > 1 && len(b) > 0 {
		return fmt.Errorf("monitors: expected the end, found %d bytes more", len(b))
	}
	return nil
}
