package formattest

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// BenchRead measures reading a file in memory: events a second, and bytes of the file.
// Making the reader is part of it.
func BenchRead(b *testing.B, open Open, content []byte) {
	b.Helper()
	src := bytes.NewReader(nil)
	p := events.NewPacket(events.DefaultPacketEvents)
	n := 0
	b.ReportAllocs()
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		src.Reset(content)
		r, err := open(src)
		for err == nil {
			err = r.Read(p)
			n += len(p.Events)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	reportEvents(b, n)
}

// BenchDecode measures decoding a message of many packets: events a second, and bytes
// of the message.
func BenchDecode(b *testing.B, d events.Decoder, h events.MessageHeader, data []byte) {
	b.Helper()
	p := events.NewPacket(events.DefaultPacketEvents)
	n := 0
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		d.Reset()
		for at := 0; at < len(data); {
			p.Reset()
			taken, err := d.Decode(h, data[at:], p)
			if err != nil {
				b.Fatal(err)
			}
			at += taken
			n += len(p.Events)
		}
	}
	reportEvents(b, n)
}

// BenchEncode measures encoding one message: events a second, and bytes of the message.
func BenchEncode(b *testing.B, e events.Encoder, h events.MessageHeader, in []events.Event) {
	b.Helper()
	dst, n, err := e.Encode(h, nil, in)
	require.NoError(b, err)
	require.Len(b, in, n, "one message")
	b.ReportAllocs()
	b.SetBytes(int64(len(dst)))
	for b.Loop() {
		if _, _, err := e.Encode(h, dst[:0], in); err != nil {
			b.Fatal(err)
		}
	}
	reportEvents(b, b.N*len(in))
}

// BenchWrite measures writing files of these events: events a second, and bytes of the
// file. Making and closing the writer are part of it.
func BenchWrite(b *testing.B, open func(w io.Writer) (events.Writer, error), in []events.Event) {
	b.Helper()
	write := func(to io.Writer) {
		w, err := open(to)
		if err == nil {
			err = errors.Join(w.Write(in), w.Close())
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	var file counter
	write(&file)
	b.ReportAllocs()
	b.SetBytes(int64(file))
	for b.Loop() {
		write(io.Discard)
	}
	reportEvents(b, b.N*len(in))
}

// BenchWriteFormat is BenchWrite of a registered format.
func BenchWriteFormat(b *testing.B, name string, g events.Geometry, in []events.Event) {
	b.Helper()
	f := Format(b, name)
	BenchWrite(b, func(w io.Writer) (events.Writer, error) { return f.NewWriter(w, events.Header{Geometry: g}) }, in)
}

// BenchCopy is the limit of the above: the bytes of so many events moved in memory, and
// nothing made of them.
func BenchCopy(b *testing.B, content []byte, n int) {
	b.Helper()
	out := make([]byte, len(content))
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		copy(out, content)
	}
	reportEvents(b, b.N*n)
}

// counter counts what is written.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

func reportEvents(b *testing.B, n int) {
	b.Helper()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
