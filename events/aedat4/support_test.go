package aedat4_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
)

var all = []aedat4.Compression{aedat4.None, aedat4.LZ4, aedat4.LZ4High, aedat4.ZSTD, aedat4.ZSTDHigh}

// The flatbuffers of the tests are made by the library, those of the package by hand.

// header is the start of a file; streams are kinds, or kinds and sizes as "EVTS 240 180".
func header(c aedat4.Compression, table int64, streams ...string) []byte {
	var b strings.Builder
	b.WriteString(`<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">`)
	for i, s := range streams {
		f := strings.Fields(s)
		fmt.Fprintf(&b, `<node name="%d"><attr key="typeIdentifier" type="string">%s</attr><node name="info">`, i, f[0])
		if len(f) == 3 {
			fmt.Fprintf(&b, `<attr key="sizeX" type="int">%s</attr><attr key="sizeY" type="int">%s</attr>`, f[1], f[2])
		}
		b.WriteString(`</node></node>`)
	}
	b.WriteString(`</node></dv>`)
	return headerXML(c, table, b.String())
}

func headerXML(c aedat4.Compression, table int64, xml string) []byte {
	b := flatbuffers.NewBuilder(1024)
	info := b.CreateString(xml)
	b.StartObject(3)
	b.PrependInt32Slot(0, int32(c), 0)
	b.PrependInt64Slot(1, table, -1)
	b.PrependUOffsetTSlot(2, info, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte("IOHE"))
	return append([]byte("#!AER-DAT4.0\r\n"), b.FinishedBytes()...)
}

// eventPacket is a flatbuffer of events with its size.
func eventPacket(in ...events.Event) []byte {
	b := flatbuffers.NewBuilder(1024)
	b.StartVector(16, len(in), 8)
	for i := len(in) - 1; i >= 0; i-- {
		b.Prep(8, 16)
		b.Pad(3)
		b.PrependBool(in[i].P == events.On)
		b.PrependInt16(int16(in[i].Y))
		b.PrependInt16(int16(in[i].X))
		b.PrependInt64(in[i].T)
	}
	v := b.EndVector(len(in))
	b.StartObject(1)
	b.PrependUOffsetTSlot(0, v, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte("EVTS"))
	return b.FinishedBytes()
}

// triggerPacket is a flatbuffer of triggers with the given sources.
func triggerPacket(sources ...int8) []byte {
	b := flatbuffers.NewBuilder(1024)
	tables := make([]flatbuffers.UOffsetT, 0, len(sources))
	for i, s := range sources {
		b.StartObject(2)
		b.PrependInt64Slot(0, int64(i), 0)
		b.PrependInt8Slot(1, s, 0)
		tables = append(tables, b.EndObject())
	}
	v := b.CreateVectorOfTables(tables)
	b.StartObject(1)
	b.PrependUOffsetTSlot(0, v, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte("TRIG"))
	return b.FinishedBytes()
}

// tablePacket is a flatbuffer of n empty tables, as IMU and trigger packets are made of tables.
func tablePacket(kind string, n int) []byte {
	b := flatbuffers.NewBuilder(1024)
	var tables []flatbuffers.UOffsetT
	for range n {
		b.StartObject(0)
		tables = append(tables, b.EndObject())
	}
	v := b.CreateVectorOfTables(tables)
	b.StartObject(1)
	b.PrependUOffsetTSlot(0, v, 0)
	b.FinishSizePrefixedWithFileIdentifier(b.EndObject(), []byte(kind))
	return b.FinishedBytes()
}

func compress(t require.TestingT, c aedat4.Compression, data []byte) []byte {
	switch c {
	case aedat4.LZ4, aedat4.LZ4High:
		var b bytes.Buffer
		w := lz4.NewWriter(&b)
		require.NoError(t, w.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ConcurrencyOption(1)))
		_, err := w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	case aedat4.ZSTD, aedat4.ZSTDHigh:
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
		require.NoError(t, err)
		return e.EncodeAll(data, nil)
	default:
		return data
	}
}

// packet is data in a stream, with nothing done to it.
func packet(stream int32, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(stream))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func writeAs(t require.TestingT, c aedat4.Compression, g events.Geometry, in ...[]events.Event) []byte {
	var b bytes.Buffer
	w, err := aedat4.NewWriter(&b, events.Header{Geometry: g}, c)
	require.NoError(t, err)
	for _, part := range in {
		require.NoError(t, w.Write(part))
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func decompress(t require.TestingT, c aedat4.Compression, data []byte) []byte {
	switch c {
	case aedat4.LZ4, aedat4.LZ4High:
		out, err := io.ReadAll(lz4.NewReader(bytes.NewReader(data)))
		require.NoError(t, err)
		return out
	case aedat4.ZSTD, aedat4.ZSTDHigh:
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
		require.NoError(t, err)
		out, err := d.DecodeAll(data, nil)
		require.NoError(t, err)
		return out
	default:
		return data
	}
}
