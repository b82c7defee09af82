package nmnist_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

func FuzzReader(f *testing.F) {
	f.Add(golden, uint8(3), uint16(0), uint16(0))
	f.Add(golden[:42], uint8(1), uint16(33), uint16(6))
	f.Add([]byte{}, uint8(1), uint16(34), uint16(34))
	f.Add(bytes.Repeat([]byte{240}, 52), uint8(200), uint16(4096), uint16(4096))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		g := formattest.Geometry(width, height)
		c := formattest.Sound(t, formattest.Opener(t, nmnist.Name, g), data, int(capacity)+1)
		require.NotNil(t, c, "there is no header to refuse")
		if rest := len(data) % 5; rest != 0 {
			require.NotNil(t, c.Cut())
			require.Equal(t, int64(len(data)-rest), c.Cut().Offset)
		} else {
			require.Equal(t, io.EOF, c.End)
		}
		require.Equal(t, int64(len(data)/5), int64(len(c.Events)+len(c.Damage))+c.Skipped["time overflow"], "every event is accounted for")
		if !g.Known() {
			require.Empty(t, c.Damage)
		}
	})
}

func FuzzDetect(f *testing.F) {
	f.Add(golden, int64(len(golden)))
	f.Add([]byte{}, int64(0))
	f.Add([]byte("some text, and more of it"), int64(-1))
	f.Add(bytes.Repeat([]byte{1, 240, 0, 0, 0}, 819), int64(1<<40))
	f.Fuzz(func(t *testing.T, head []byte, size int64) {
		head = head[:min(len(head), events.DetectBytes)]
		before := bytes.Clone(head)
		err := formattest.Format(t, nmnist.Name).Detect(head, size)
		require.Equal(t, before, head)
		if err == nil {
			require.GreaterOrEqual(t, len(head), 5)
			_, _, end := formattest.ReadAll(t, formattest.NewReader(t, nmnist.Name, bytes.NewReader(head), events.Geometry{}), 100)
			var fe *events.FormatError
			require.True(t, errors.Is(end, io.EOF) || errors.As(end, &fe))
		}
	})
}
