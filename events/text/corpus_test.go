package text_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/text"
)

// The layouts of the other tests, and longer recordings in the two that are commonest,
// with what happens to text.
func TestCorpus(t *testing.T) { formattest.Corpus(t, "testdata", corpus()) }

func corpus() []formattest.File {
	var out []formattest.File
	add := func(name, about string, data []byte, in []events.Event) *formattest.File {
		f := formattest.File{Name: name, About: about, Format: text.Name, Data: data, Events: in}
		if bytes.ContainsAny(data, ",;") {
			f.Format = text.NameCSV
		}
		if bytes.Contains(data[:min(len(data), 20)], []byte("240")) {
			f.Geometry = events.Geometry{Width: 240, Height: 180}
		}
		out = append(out, f)
		return &out[len(out)-1]
	}
	lines := layouts()
	for _, about := range slices.Sorted(maps.Keys(lines)) {
		name := strings.NewReplacer(" ", "_", ",", "", "'", "").Replace(strings.ToLower(about))
		add(name+".txt", "three events: "+about, []byte(lines[about]), want)
	}
	rng := rand.New(rand.NewPCG(8, 3))
	var seconds, micro bytes.Buffer
	var in []events.Event
	micro.WriteString("x,y,polarity,timestamp\n")
	t := int64(1468939993_067_416)
	for range 300 {
		t += rng.Int64N(40)
		x, y, p := rng.IntN(240), rng.IntN(180), rng.IntN(2)
		// Behind the microseconds stands what is left of a float.
		fmt.Fprintf(&seconds, "%d.%06d%03d %d %d %d\n", t/1_000_000, t%1_000_000, rng.IntN(2), x, y, p)
		fmt.Fprintf(&micro, "%d,%d,%d,%d\n", x, y, p, t)
		in = append(in, events.Event{T: t, X: uint16(x), Y: uint16(y), P: events.Polarity(p)})
	}
	add("long_seconds.txt", "seconds since 1970, with nine digits behind the point", seconds.Bytes(), in)
	add("long_microseconds.txt", "microseconds since 1970, in the last column", micro.Bytes(), in)
	add("long_cut.txt", "the last line was cut off", seconds.Bytes()[:seconds.Len()-9], in[:299]).Damaged = 1
	add("no_events.txt", "names and no lines", []byte("t,x,y,p\n"), nil)
	damaged := bytes.Split(bytes.Clone(seconds.Bytes()), []byte("\n"))
	damaged[7] = damaged[7][:20]
	damaged[99] = []byte("interrupted: the disk is full")
	damaged[200] = append(damaged[200], " 1"...)
	rest := slices.Concat(in[:7], in[8:99], in[100:200], in[201:])
	add("long_damaged.txt", "a line cut off, a message among the lines, a field too many", bytes.Join(damaged, []byte("\n")), rest).Damaged = 3
	return out
}
