package aedat31_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

func FuzzReader(f *testing.F) {
	f.Add(whole, uint8(3), uint16(0), uint16(0))
	f.Add(whole[:len(whole)-3], uint8(1), uint16(33), uint16(6))
	f.Add(file(polarity(-1, event(1, 1, 1, 1)), packet(1, 1, 12, 4, 0, 1, 5, make([]byte, 12)), polarity(0, event(-1, 1, 1, 1))), uint8(1), uint16(0), uint16(0))
	f.Add(file(packet(2, 1, math.MaxInt32, 0, 0, math.MaxInt32, 0)), uint8(9), uint16(0), uint16(0))
	f.Add([]byte("#!AER-DAT3.1\r\n#Source 1: x\n#Sensor-Size: 3x3\r\n#!END-HEADER\r\n\x01"), uint8(9), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		c := formattest.Sound(t, formattest.Opener(t, aedat31.Name, formattest.Geometry(width, height)), data, int(capacity)+1)
		if c == nil {
			return
		}
		require.LessOrEqual(t, 8*len(c.Events), len(data))
		for _, e := range c.Events {
			require.GreaterOrEqual(t, e.T, int64(0))
		}
	})
}
