package etherbone

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// The bytes of what LiteX's client sends, field by field.
func TestBytes(t *testing.T) {
	write := Packet{Records: []Record{{WriteBase: 0xf0001094, Writes: []uint32{7, 0x01020304}}}}
	require.Equal(t, []byte{
		0x4e, 0x6f, 0x10, 0x44, 0, 0, 0, 0, // header
		0, 0x0f, 2, 0, // record: whole words, two writes
		0xf0, 0x00, 0x10, 0x94, 0, 0, 0, 7, 1, 2, 3, 4,
	}, write.Append(nil))
	both := Packet{Flags: NoReads, Records: []Record{
		{Flags: WriteFIFO, Enable: 3, WriteBase: 8, Writes: []uint32{1}, Return: 0x10, Reads: []uint32{0x20, 0x24}},
		{Return: 4, Reads: []uint32{0}},
	}}
	want := []byte{
		0x4e, 0x6f, 0x14, 0x44, 0, 0, 0, 0,
		0x40, 3, 1, 2,
		0, 0, 0, 8, 0, 0, 0, 1,
		0, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0, 0, 0x24,
		0, 0x0f, 0, 1,
		0, 0, 0, 4, 0, 0, 0, 0,
	}
	require.Equal(t, want, both.Append(nil))
	var p Packet
	require.NoError(t, p.Decode(want))
	both.Records[1].Enable = 0x0f
	require.Equal(t, both.Flags, p.Flags)
	require.Equal(t, both.Records, p.Records)

	probe := Packet{Flags: Probe, Payload: make([]byte, 8)}
	require.Equal(t, []byte{0x4e, 0x6f, 0x11, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, probe.Append(nil))
	require.Equal(t, probe.Append(nil), (&Packet{Flags: Probe}).appendOnStream(nil), "a probe has 16 bytes on a stream")
}

func TestDecodeSaysWhere(t *testing.T) {
	good := (&Packet{Records: []Record{{WriteBase: 8, Writes: []uint32{1, 2}}}}).Append(nil)
	change := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for _, try := range []struct {
		name, want string
		offset     int64
		b          []byte
	}{
		{"nothing", "a header of 8 bytes", 0, nil},
		{"half a header", "a header of 8 bytes", 7, good[:7]},
		{"magic", "0x4e6f", 0, change(1, 0)},
		{"version", "version 1", 2, change(2, 0x20)},
		{"sizes", "addresses and words of 32 bits, 0x44", 3, change(3, 0x88)},
		{"half a record header", "the header of a record, 4 bytes from 8 on", 10, good[:10]},
		{"a word is missing", "a base and 2 words, 12 bytes from 12 on", 20, good[:20]},
		{"half a word is missing", "a base and 2 words, 12 bytes from 12 on", 22, good[:22]},
		{"reads that are not there", "a base and 1 words, 8 bytes from 24 on", 24, change(11, 1)},
		{"a byte too many", "the header of a record, 4 bytes from 24 on", 25, append(bytes.Clone(good), 0)},
		{"too large", "the end", MaxPacket, make([]byte, MaxPacket+1)},
	} {
		var p Packet
		err := p.Decode(try.b)
		var f *events.FormatError
		require.ErrorAs(t, err, &f, try.name)
		require.Equal(t, try.offset, f.Offset, try.name)
		require.Equal(t, try.want, f.Want, try.name)
	}
	var p Packet
	require.NoError(t, p.Decode(good))
	require.NoError(t, p.Decode(good[:8]), "no records at all")
	probe := change(2, 0x11)
	probe[3] = 0xff
	require.NoError(t, p.Decode(probe), "who probes says all sizes that he knows")
	probe[3] = 0x88
	require.ErrorContains(t, p.Decode(probe), "etherbone at byte 3")
}

func TestMisusePanics(t *testing.T) {
	many := make([]uint32, MaxWords+1)
	require.PanicsWithValue(t, PanicWords, func() { (&Packet{Records: []Record{{Writes: many}}}).Append(nil) })
	require.PanicsWithValue(t, PanicWords, func() { (&Packet{Records: []Record{{Reads: many}}}).Append(nil) })
	require.PanicsWithValue(t, PanicProbe, func() { (&Packet{Flags: Probe, Records: []Record{{}}}).Append(nil) })
	require.PanicsWithValue(t, PanicProbe, func() { (&Packet{Payload: []byte{1}}).Append(nil) })
	require.PanicsWithValue(t, PanicValues, func() { _ = (&Stream{}).Exchange([]Record{{Reads: many[:1]}}, nil) })
	require.PanicsWithValue(t, PanicValues, func() { _ = (&Datagrams{}).Exchange(nil, many[:1]) })
	require.PanicsWithValue(t, PanicUnanswered, func() { _ = (&Datagrams{}).Exchange([]Record{{Writes: many[:1]}}, nil) })
}

// drawPacket draws any packet.
func drawPacket(t *rapid.T) Packet {
	p := Packet{Flags: rapid.Uint8Range(0, packetFlags).Draw(t, "flags")}
	if p.isProbe() {
		p.Payload = rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "payload")
		return p
	}
	words := rapid.SliceOfN(rapid.Uint32(), 0, 4)
	if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
		words = rapid.SliceOfN(rapid.Uint32(), MaxWords, MaxWords)
	}
	for range rapid.IntRange(0, 3).Draw(t, "records") {
		r := Record{Flags: rapid.Byte().Draw(t, "flags") & recordFlags, Enable: rapid.ByteMin(1).Draw(t, "enable")}
		if r.Writes = words.Draw(t, "writes"); len(r.Writes) > 0 {
			r.WriteBase = rapid.Uint32().Draw(t, "base")
		} else {
			r.Writes = nil
		}
		if r.Reads = words.Draw(t, "reads"); len(r.Reads) > 0 {
			r.Return = rapid.Uint32().Draw(t, "return")
		} else {
			r.Reads = nil
		}
		p.Records = append(p.Records, r)
	}
	return p
}

// What is encoded is decoded, also into memory that held another packet.
func TestRoundTrip(t *testing.T) {
	var got Packet
	rapid.Check(t, func(t *rapid.T) {
		want := drawPacket(t)
		require.NoError(t, got.Decode(want.Append(nil)))
		require.Equal(t, want.Flags, got.Flags)
		require.Len(t, got.Records, len(want.Records))
		for i := range want.Records {
			require.Equal(t, want.Records[i], got.Records[i])
		}
		require.True(t, bytes.Equal(want.Payload, got.Payload))
	})
}

// FuzzDecode: whatever comes is a packet or an error, and a packet says the same when it is encoded again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add((&Packet{Records: []Record{{WriteBase: 8, Writes: []uint32{1, 2}, Return: 3, Reads: []uint32{4}}, {}}}).Append(nil))
	f.Add((&Packet{Flags: Probe, Payload: []byte{1, 2, 3}}).Append(nil))
	f.Add([]byte{0x4e, 0x6f, 0x10, 0x44, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, again Packet
		if err := p.Decode(b); err != nil {
			var at *events.FormatError
			require.ErrorAs(t, err, &at)
			require.LessOrEqual(t, at.Offset, int64(len(b)))
			return
		}
		for i := range p.Records {
			if p.Records[i].Enable == 0 {
				return // which is encoded as all bytes
			}
		}
		e := p.Append(nil)
		require.Len(t, e, len(b))
		require.NoError(t, again.Decode(e))
		require.Equal(t, p.Flags, again.Flags)
		require.Equal(t, p.Payload, again.Payload)
		require.Equal(t, p.Records, again.Records)
	})
}
