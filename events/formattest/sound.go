package formattest

import (
	"bytes"
	"errors"
	"io"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Content is what a source held.
type Content struct {
	Header  events.Header // at the end
	Events  []events.Event
	Damage  []*events.FormatError // read on behind
	End     error                 // io.EOF, or a fatal *events.FormatError
	Skipped map[string]int64
}

// Cut is the end where it is damage, and nil where it is io.EOF.
func (c *Content) Cut() *events.FormatError {
	var fe *events.FormatError
	errors.As(c.End, &fe)
	return fe
}

// Sound reads any bytes twice, cut differently and in packets of different sizes, and
// sees that the same comes of it, that the contract is kept, and that what ends it lies
// within. It is the common body of fuzz targets. Bytes that are refused as a whole
// give nil: the error is a fatal *events.FormatError that says where.
func Sound(t require.TestingT, open Open, data []byte, capacity int) *Content {
	helper(t)
	r, err := open(bytes.NewReader(data))
	one, oneErr := open(iotest.OneByteReader(bytes.NewReader(data)))
	require.Equal(t, err, oneErr, "however the source cuts it")
	if err != nil {
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		within(t, fe, data)
		return nil
	}
	c := content(t, r, capacity)
	require.Equal(t, c, content(t, one, 3), "however the source cuts it")
	if fe := c.Cut(); fe != nil {
		within(t, fe, data)
	} else {
		require.Equal(t, io.EOF, c.End)
	}
	for _, fe := range c.Damage {
		require.LessOrEqual(t, fe.Offset, int64(len(data)), "%v", fe)
	}
	return c
}

// content reads to the end.
func content(t require.TestingT, r events.Reader, capacity int) *Content {
	helper(t)
	in, damage, end := ReadAll(t, r, capacity)
	return &Content{Header: r.Header(), Events: in, Damage: damage, End: end, Skipped: r.Skipped()}
}

// within sees that an end says where it is.
func within(t require.TestingT, fe *events.FormatError, data []byte) {
	helper(t)
	if !fe.Fatal || fe.Offset < 0 || fe.Offset > int64(len(data)) || fe.Want == "" || fe.Got == "" {
		require.Failf(t, "an end that does not say where it is", "%+v of %d bytes", fe, len(data))
	}
}

// Geometry makes a geometry of what a fuzzer draws; none where it is no sensor's.
func Geometry(width, height uint16) events.Geometry {
	g := events.Geometry{Width: int(width), Height: int(height)}
	if !g.Valid() {
		return events.Geometry{}
	}
	return g
}
