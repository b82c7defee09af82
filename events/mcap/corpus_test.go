package mcap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mcap"
)

// The corpus: every compression, several channels, damage and a missing end.
func TestCorpus(t *testing.T) {
	in := formattest.Scene(9, 30, 1e6, sensor)
	var files []formattest.File
	for name, compression := range map[string]string{"plain": "", "lz4": "lz4", "zstd": "zstd"} {
		data, _ := file(t, compression, in)
		files = append(files, formattest.File{
			Name: name + ".mcap", About: "messages outside of chunks and in two, of four channels, an attachment and a private record",
			Format: mcap.Name, Data: data, Loose: compression != "", Geometry: sensor, Events: in,
		})
	}
	head := func() *builder { return build(t).schema(1, arrayType).channel(1, 1, "/events", "cdr").begin() }
	b := head()
	arrays(b, in)
	files = append(files, formattest.File{
		Name: "no_footer.mcap", About: "the recorder was killed behind a chunk", Format: mcap.Name, Data: b.end("").out, Geometry: sensor, Events: in, Cut: true,
	})
	b = head()
	arrays(b, in[:15])
	b.end("")
	last := len(b.out) - 1 - 9 - 2 - 4 - 5*16
	b.out[last] ^= 1 // the last event's polarity, in front of the index of five messages
	b.begin()
	arrays(b, in[15:])
	files = append(files, formattest.File{
		Name: "chunk_crc.mcap", About: "the first of two chunks is not what its CRC says, and gives nothing", Format: mcap.Name, Data: b.end("").done(),
		Geometry: sensor, Events: in[15:], Damaged: 1,
	})
	formattest.Corpus(t, "testdata", sorted(files))
}

// sorted puts files in the order of their names: those of a map come in any.
func sorted(files []formattest.File) []formattest.File {
	slices.SortFunc(files, func(a, b formattest.File) int { return strings.Compare(a.Name, b.Name) })
	return files
}
