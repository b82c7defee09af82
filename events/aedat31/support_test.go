package aedat31_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat31"
)

func format(t require.TestingT) *events.Format {
	f, err := events.FormatByName(aedat31.Name)
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

const text = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DAVIS240C\r\n#Start-Time: 2016-04-12 10:00:00 (TZ+0200)\r\n#!END-HEADER\r\n"

// packet is one by the layout in the package comment.
func packet(kind, source int16, size, tsOffset, overflow, number, valid int32, data ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(kind))
	b = binary.LittleEndian.AppendUint16(b, uint16(source))
	for _, v := range []int32{size, tsOffset, overflow, number, number, valid} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return append(b, bytes.Join(data, nil)...)
}

// polarity is a packet of polarity events.
func polarity(overflow int32, in ...[]byte) []byte {
	return packet(1, 1, 8, 4, overflow, int32(len(in)), int32(len(in)), in...)
}

func event(low int32, x, y, on uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, x<<17|y<<2|on<<1|1)
	return binary.LittleEndian.AppendUint32(b, uint32(low))
}

// special is a special event of a type.
func special(kind uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, kind<<1|1), 7)
}

func file(packets ...[]byte) []byte { return append([]byte(text), bytes.Join(packets, nil)...) }

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
