package aedat2_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

func FuzzReader(f *testing.F) {
	f.Add(file(davisText, davis(1, 3, 4, 1), frameReset, imu, davis(2, 300, 4, 1), davis(5, 70, 6, 1)), uint8(3), uint16(0), uint16(0))
	f.Add(file(dvsText, dvs(1, 3, 4, 1), 1<<48, 1<<63, dvs(1<<31, 127, 4, 1))[:80], uint8(1), uint16(33), uint16(6))
	f.Add(file("#!AER-DAT2.0\r\n", dvs(1, 3, 4, 1), davis(1<<32-1, 300, 4, 1), davis(5, 70, 6, 1)), uint8(1), uint16(0), uint16(0))
	f.Add([]byte("#!AER-DAT2.0\n# Sensor size: 3x3 pixels\n# Time origin: -9223372036854775808 us\n\x00"), uint8(1), uint16(34), uint16(34))
	f.Add(file("#!AER-DAT2.0\r\n# Time origin: 9223372032559808512 us\r\n#End Of ASCII Header\r\n", davis(1<<32-1, 1, 1, 1), davis(0, 1, 1, 1)), uint8(9), uint16(0), uint16(0))
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
		records := int64(len(in) + len(damage))
		for _, n := range r.Skipped() {
			records += n
		}
		whole := int64(len(data))
		if !errors.Is(end, io.EOF) {
			var fe *events.FormatError
			require.ErrorAs(t, end, &fe)
			require.True(t, fe.Offset < whole && fe.Offset > whole-8, "the rest is no record")
			whole = fe.Offset
		}
		text := data[:whole-8*records]
		require.True(t, bytes.HasPrefix(text, []byte("#!AER-DAT2.0")) && bytes.HasSuffix(text, []byte("\n")), "every record is accounted for")
		size := r.Header().Geometry
		for _, e := range in {
			require.True(t, !size.Known() || size.Contains(e.X, e.Y), "%v off %v", e, size)
			require.LessOrEqual(t, e.P, events.On)
		}
		again, damageAgain, endAgain := readAll(t, one, 3)
		require.Equal(t, in, again)
		require.Equal(t, damage, damageAgain)
		require.Equal(t, end, endAgain)
		require.Equal(t, r.Skipped(), one.Skipped())
	})
}
