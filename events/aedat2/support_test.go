package aedat2_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat2"
)

func format(t require.TestingT) *events.Format {
	f, err := events.FormatByName(aedat2.Name)
	require.NoError(t, err)
	return f
}

func newReader(t require.TestingT, r io.Reader, g events.Geometry) events.Reader {
	reader, err := format(t).NewReader(r, g)
	require.NoError(t, err)
	return reader
}

// readAll reads to the end and collects the errors on the way that can be read on behind.
func readAll(t require.TestingT, r events.Reader, capacity int) (out []events.Event, damage []string, end error) {
	p := events.NewPacket(capacity)
	for {
		err := r.Read(p)
		require.Equal(t, capacity, cap(p.Events), "the packet's own memory")
		out = append(out, p.Events...)
		var fe *events.FormatError
		switch {
		case errors.As(err, &fe) && !fe.Fatal:
			damage = append(damage, fe.Error())
		case err != nil:
			if errors.Is(err, io.EOF) {
				require.Empty(t, p.Events, "io.EOF comes alone")
			}
			require.Equal(t, err, r.Read(p), "the end stays the end")
			require.Empty(t, p.Events)
			return out, damage, err
		default:
			require.NotEmpty(t, p.Events, "a packet without an event and without an error")
		}
	}
}

// file puts text and records together.
func file(text string, records ...uint64) []byte {
	b := []byte(text)
	for _, r := range records {
		b = binary.BigEndian.AppendUint64(b, r)
	}
	return b
}

// davis is a record of a DAVIS, by the layout in the package comment.
func davis(t uint32, x, y, on uint64) uint64 { return y<<54 | x<<44 | on<<43 | uint64(t) }

// dvs is a record of a DVS128.
func dvs(t uint32, x, y, on uint64) uint64 { return (y<<8|(127-x)<<1|1-on)<<32 | uint64(t) }

const (
	frameReset  = 1 << 63
	frameSignal = 1<<63 | 1<<42
	imu         = 1<<63 | 3<<42
	trigger     = 1 << 42

	dvsText   = "#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"
	davisText = "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n"
)

func write(t require.TestingT, g events.Geometry, in ...[]events.Event) []byte {
	var b bytes.Buffer
	w, err := format(t).NewWriter(&b, events.Header{Geometry: g})
	require.NoError(t, err)
	for _, part := range in {
		require.NoError(t, w.Write(part))
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}
