package aedat31_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

func FuzzReader(f *testing.F) {
	f.Add(whole, uint8(3), uint16(0), uint16(0))
	f.Add(whole[:len(whole)-3], uint8(1), uint16(33), uint16(6))
	f.Add(file(polarity(-1, event(1, 1, 1, 1)), packet(1, 1, 12, 4, 0, 1, 5, make([]byte, 12)), polarity(0, event(-1, 1, 1, 1))), uint8(1), uint16(0), uint16(0))
	f.Add(file(packet(2, 1, math.MaxInt32, 0, 0, math.MaxInt32, 0)), uint8(9), uint16(0), uint16(0))
	f.Add([]byte("#!AER-DAT3.1\r\n#Source 1: x\n#Sensor-Size: 3x3\r\n#!END-HEADER\r\n\x01"), uint8(9), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		g := events.Geometry{Width: int(width), Height: int(height)}
		if !g.Valid() {
			g = events.Geometry{}
		}
		r, err := format(t).NewReader(bytes.NewReader(data), g)
		one, oneErr := format(t).NewReader(iotest.OneByteReader(bytes.NewReader(data)), g)
		require.Equal(t, err, oneErr)
		if err != nil {
			return
		}
		in, damage, end := readAll(t, r, int(capacity)+1)
		var fe *events.FormatError
		require.True(t, errors.Is(end, io.EOF) || errors.As(end, &fe) && fe.Fatal && fe.Offset <= int64(len(data)))
		require.LessOrEqual(t, 8*len(in), len(data))
		size := r.Header().Geometry
		for _, e := range in {
			require.True(t, !size.Known() || size.Contains(e.X, e.Y), "%v off %v", e, size)
			require.True(t, e.X < events.MaxSide && e.Y < events.MaxSide && e.P <= events.On && e.T >= 0)
		}
		again, damageAgain, endAgain := readAll(t, one, 3)
		require.Equal(t, in, again)
		require.Equal(t, damage, damageAgain)
		require.Equal(t, end, endAgain)
		require.Equal(t, r.Skipped(), one.Skipped())
	})
}
