package target_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
)

// babble is a link on which anything may come: words of the data, until there are no more.
type babble struct {
	*target.Link
	data []byte
	on   bool
}

func (b *babble) word() (uint32, bool) {
	if len(b.data) < 4 {
		return 0, false
	}
	w := binary.LittleEndian.Uint32(b.data)
	b.data = b.data[4:]
	return w, true
}

func (b *babble) Receive(words []uint32) (n int, err error) {
	if !b.on {
		return b.Link.Receive(words)
	}
	for n < len(words) {
		w, ok := b.word()
		if !ok {
			break
		}
		words[n] = w
		n++
	}
	if n == 0 {
		return 0, hwfpga.ErrTimeout
	}
	return n, nil
}

func (b *babble) Read(address uint32) (uint32, error) {
	if !b.on {
		return b.Link.Read(address)
	}
	w, ok := b.word()
	if !ok {
		return hwfpga.StatusIdle, nil
	}
	return w, nil
}

// FuzzEngine gives an engine whatever words and registers: it ends with results that can be, or with an error, and of
// an error it stays.
func FuzzEngine(f *testing.F) {
	word := func(words ...uint32) (b []byte) {
		for _, w := range words {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		return b
	}
	f.Add([]byte{})
	f.Add(word(hwfpga.ResultWord(0, 0), hwfpga.ResultWord(1, 1), hwfpga.ResultWord(2, hw.Outside), hwfpga.ResultWord(1, hwfpga.MarkResult)))
	f.Add(word(hwfpga.ResultWord(0, 0), hwfpga.ResultWord(1, 3), hwfpga.ResultWord(2, hw.Outside), hwfpga.ResultWord(0, hwfpga.MarkResult), 2, 1<<31))
	f.Add(word(hwfpga.ResultWord(1, hwfpga.MarkResult)))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := target.Open(small(t))
		require.NoError(t, err)
		b := &babble{Link: l}
		e, err := hwfpga.Open(b, small(t), hwfpga.Options{CheckEvery: 1})
		require.NoError(t, err)
		b.data, b.on = data, true
		winners := make([]int16, 3)
		err = e.Process([]hw.EngineEvent{{X: 1, Y: 1, Stamp: 5}, {X: 2, Y: 1, Stamp: 6}, {X: 9, Y: 9, P: events.On, Stamp: 6}}, winners)
		if err == nil {
			require.Equal(t, hw.Outside, winners[2])
			for _, w := range winners[:2] {
				require.True(t, w == 0 || w == 1, "%d", w)
			}
			err = e.Store(hw.EngineState{Thresholds: make([]int32, 4)})
		}
		if err != nil {
			require.ErrorIs(t, e.Clear(), hwfpga.ErrFailed)
		}
		require.NoError(t, e.Close())
	})
}
