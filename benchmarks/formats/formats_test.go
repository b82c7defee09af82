package formats_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/evt2"
	"github.com/saccade-dev/saccade/events/evt21"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	_ "github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// benchmarkedFiles are the formats, some of them by their compression, and
// benchmarkedMessages the encodings.
var (
	benchmarkedFiles = []string{
		"nmnist", "evt2", "evt21", "evt3", "dat", "es", "aedat2", "aedat31",
		"aedat4 NONE", "aedat4 LZ4", "aedat4 LZ4_HIGH", "aedat4 ZSTD", "aedat4 ZSTD_HIGH", "text", "csv", "npy", "npz",
		"rosbag none", "rosbag lz4", "mcap none", "mcap lz4", "mcap zstd", "db3",
	}
	benchmarkedMessages = []string{"mono", "libcaer", "nmnist", "evt2", "evt21", "evt3"}
)

// written is a file of a scene, by the format and, for some, its compression.
func written(t testing.TB, format string, g events.Geometry, in []events.Event) (f *events.Format, data []byte) {
	for c := aedat4.None; c <= aedat4.ZSTDHigh; c++ {
		if format == aedat4.Name+" "+c.String() {
			var b bytes.Buffer
			w, err := aedat4.NewWriter(&b, events.Header{Geometry: g}, c)
			require.NoError(t, err)
			require.NoError(t, w.Write(in))
			require.NoError(t, w.Close())
			return formattest.Format(t, aedat4.Name), b.Bytes()
		}
	}
	if f, data = bagged(t, format, g, in); f != nil {
		return f, data
	}
	if format == evt21.Name {
		return formattest.Format(t, format), append([]byte("% evt 2.1\n% format EVT21;endianness=little;height=720;width=1280\n% end\n"), evt21Words(in)...)
	}
	return formattest.Format(t, format), formattest.Write(t, format, g, in)
}

// fileCases are the cases of a format: its scenes, and a recording where there is one.
func fileCases(t testing.TB, format string) []*formatCase {
	var cases []*formatCase
	g := formatGeometry(format)
	for _, scene := range []string{singles, vectors} {
		in := sceneOf(scene, g)
		f, data := written(t, format, g, in)
		c := fileCase(t, format, scene, f, data)
		require.Equal(t, len(in), c.count, "%s, %s: all events of the scene", format, scene)
		cases = append(cases, c)
	}
	if data := realRecording(t, format); data != nil {
		name, _, _ := strings.Cut(format, " ")
		cases = append(cases, fileCase(t, format, recording, formattest.Format(t, name), data))
	}
	return cases
}

// messageCases are those of an encoding.
func messageCases(t testing.TB, encoding string) []*formatCase {
	var cases []*formatCase
	g := formatGeometry(encoding)
	d := formattest.Encoding(t, encoding).NewDecoder()
	for _, scene := range []string{singles, vectors} {
		in := sceneOf(scene, g)
		c := messageCase(t, encoding, scene, d, messagesOf(t, encoding, g, in))
		require.Equal(t, len(in), c.count, "%s, %s: all events of the scene", encoding, scene)
		cases = append(cases, c)
	}
	return cases
}

// peerCases are the files of a format without their headers, in memory as a whole, beside a C
// decoder of the same bytes: through a message's decoder where there is one, and a
// reader else.
func peerCases(t testing.TB, format string) []*formatCase {
	program := compileFormat(t, format)
	var cases []*formatCase
	for _, c := range fileCases(t, format) {
		words := c.data[max(0, len(c.data)-recordBytes*c.count):]
		if format != dat.Name {
			h, _, err := prophesee.ParseHeader(c.data, true)
			require.NoError(t, err)
			words = c.data[h.Bytes:]
			g := formattest.NewReader(t, format, bytes.NewReader(c.data), events.Geometry{}).Header().Geometry
			m := message{h: events.MessageHeader{Geometry: g}, data: words}
			d := formattest.Encoding(t, format).NewDecoder()
			c = messageCase(t, format, c.scene, d, []message{m})
		}
		if program != "" {
			c.peer = startPeer(t, program, words, c.all(t))
		}
		cases = append(cases, c)
	}
	return cases
}

// recordBytes is what an event takes in a DAT file.
const recordBytes = 8

var peerFormats = []string{evt2.Name, evt3.Name, dat.Name}

// The C decoders that ours are compared with give the same events, of both scenes and of
// real recordings.
func TestFormatPeers(t *testing.T) {
	for _, format := range peerFormats {
		for _, c := range peerCases(t, format) {
			if c.peer == nil {
				t.Skip("no gcc to compile the peers with")
			}
			require.Positive(t, c.peer.took(t, 1))
		}
	}
}

// BenchmarkFormats decodes each format and encoding into a reused packet, beside a copy of
// the same bytes, a copy of as many events and, where there is one, a decoder in C. Each
// iteration is a round of all of them; what is reported are medians:
//
//	events/s   of ours, MB/s of the bytes that it reads
//	%bytes     the time of copying those bytes as a share of ours
//	%events    the same of copying as many events, 16 bytes each, from packet to packet
//	allocs     of a packet, those aside that come before the first one is full
//	c/ours     how many times as long C takes
func BenchmarkFormats(b *testing.B) {
	run := func(kind string, cases func(testing.TB, string) []*formatCase, names []string) {
		for _, name := range names {
			b.Run(kind+"/"+name, func(b *testing.B) {
				for _, c := range cases(b, name) {
					b.Run(c.scene, func(b *testing.B) { c.bench(b) })
				}
			})
		}
	}
	run("file", fileCases, benchmarkedFiles)
	run("message", messageCases, benchmarkedMessages)
	run("c", peerCases, peerFormats)
}

func (c *formatCase) bench(b *testing.B) {
	s := c.measure(b, b.Loop)
	b.ReportMetric(0, "ns/op") // that of a round means nothing
	b.ReportMetric(1e6*c.mevs(s.decode), "events/s")
	b.ReportMetric(c.mbs(s.decode), "MB/s")
	b.ReportMetric(100*s.bytes/s.decode, "%bytes")
	b.ReportMetric(100*s.events/s.decode, "%events")
	b.ReportMetric(s.allocations, "allocs")
	if c.peer != nil {
		b.ReportMetric(s.peer/s.decode, "c/ours")
	}
}
