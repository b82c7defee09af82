package aedat2_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/formattest"
)

func FuzzReader(f *testing.F) {
	f.Add(file(davisText, davis(1, 3, 4, 1), frameReset, imu, davis(2, 300, 4, 1), davis(5, 70, 6, 1)), uint8(3), uint16(0), uint16(0))
	f.Add(file(dvsText, dvs(1, 3, 4, 1), 1<<48, 1<<63, dvs(1<<31, 127, 4, 1))[:80], uint8(1), uint16(33), uint16(6))
	f.Add(file("#!AER-DAT2.0\r\n", dvs(1, 3, 4, 1), davis(1<<32-1, 300, 4, 1), davis(5, 70, 6, 1)), uint8(1), uint16(0), uint16(0))
	f.Add([]byte("#!AER-DAT2.0\n# Sensor size: 3x3 pixels\n# Time origin: -9223372036854775808 us\n\x00"), uint8(1), uint16(34), uint16(34))
	f.Add(file("#!AER-DAT2.0\r\n# Time origin: 9223372032559808512 us\r\n#End Of ASCII Header\r\n", davis(1<<32-1, 1, 1, 1), davis(0, 1, 1, 1)), uint8(9), uint16(0), uint16(0))
	f.Add([]byte("#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.cochlea.CochleaAMS1c\r\n"), uint8(1), uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		c := formattest.Sound(t, formattest.Opener(t, aedat2.Name, formattest.Geometry(width, height)), data, int(capacity)+1)
		if c == nil {
			return
		}
		records := int64(len(c.Events) + len(c.Damage))
		for _, n := range c.Skipped {
			records += n
		}
		whole := int64(len(data))
		if fe := c.Cut(); fe != nil {
			require.True(t, fe.Offset < whole && fe.Offset > whole-8, "the rest is no record")
			whole = fe.Offset
		}
		text := data[:whole-8*records]
		require.True(t, bytes.HasPrefix(text, []byte("#!AER-DAT2.0")) && bytes.HasSuffix(text, []byte("\n")), "every record is accounted for")
	})
}
