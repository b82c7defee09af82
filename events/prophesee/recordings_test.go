package prophesee_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/evt2"
	_ "github.com/saccade-dev/saccade/events/evt21"
	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// ours are the rows of the list of recordings that this family of formats reads,
// by their format column.
var ours = regexp.MustCompile(`^(?:DERIVED: |MADE: )?(?:Prophesee RAW )?EVT ?(2\.1|21|2|3)`)

// row is a line of the list of recordings.
type row map[string]string

func rows(t *testing.T) (dir string, out []row) {
	dir = os.Getenv("SACCADE_DATA")
	if dir == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	text, err := os.ReadFile(filepath.Join(dir, "recordings.tsv"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	head := strings.Split(lines[0], "\t")
	for _, line := range lines[1:] {
		r := row{}
		for i, field := range strings.Split(line, "\t") {
			r[head[i]] = field
		}
		if ours.MatchString(r["format"]) {
			out = append(out, r)
		}
	}
	require.NotEmpty(t, out)
	return dir, out
}

// content is what a recording was found to hold, in the columns of the list.
type content struct {
	row
	triggers []prophesee.Trigger
	damage   []*events.FormatError
	skipped  map[string]int64
}

// detected opens a recording with the one format that knows it by its content.
func detected(t *testing.T, file *os.File) events.Reader {
	head := make([]byte, events.DetectBytes)
	n, err := io.ReadFull(file, head)
	require.True(t, err == nil || errors.Is(err, io.ErrUnexpectedEOF), err)
	_, err = file.Seek(0, io.SeekStart)
	require.NoError(t, err)
	var found *events.Format
	for _, f := range events.Formats() {
		if f.Detect(head[:n], -1) == nil {
			require.Nil(t, found, "two formats know the file")
			found = f
		}
	}
	require.NotNil(t, found, "no format knows the file")
	r, err := found.NewReader(file, events.Geometry{})
	require.NoError(t, err)
	return r
}

func readContent(t *testing.T, path string, capacity int) content {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	f := detected(t, file)
	out := content{row: row{"file": f.Header().Format}}
	collect(t, f, &out.triggers)
	digester := events.NewDigester()
	p := events.NewPacket(capacity)
	var n, on, x, y, back int
	var sum uint64
	var before int64
	for {
		err := f.Read(p)
		digester.Add(p.Events)
		for _, e := range p.Events {
			at := fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P)
			if n == 0 {
				out.row["first(t_us x y on)"] = at
			} else if e.T < before {
				back++
			}
			out.row["last(t_us x y on)"] = at
			n, on, x, y = n+1, on+int(e.P), x+int(e.X), y+int(e.Y)
			sum += uint64(e.T)
			before = e.T
		}
		var fe *events.FormatError
		if errors.Is(err, io.EOF) {
			break
		} else if errors.As(err, &fe) {
			out.damage = append(out.damage, fe)
			if fe.Fatal {
				break
			}
			continue
		}
		require.NoError(t, err)
	}
	d := digester.Sum()
	g := f.Header().Geometry
	for column, v := range map[string]string{
		"events": strconv.Itoa(n), "width x height": fmt.Sprintf("%dx%d", g.Width, g.Height), "on": strconv.Itoa(on),
		"sum_x": strconv.Itoa(x), "sum_y": strconv.Itoa(y), "sum_t_mod_2^64": strconv.FormatUint(sum, 10), "backward_t_steps": strconv.Itoa(back),
		"sha3_224(t u64le)": d.T, "sha3_224(x u16le)": d.X, "sha3_224(y u16le)": d.Y, "sha3_224(p u8)": d.P,
	} {
		out.row[column] = v
	}
	out.skipped = f.Skipped()
	return out
}

// Every recording holds what the list says, down to the bit, and whatever the
// packets are like.
func TestRecordings(t *testing.T) {
	dir, list := rows(t)
	for _, want := range list {
		t.Run(want["file"], func(t *testing.T) {
			got := readContent(t, filepath.Join(dir, want["file"]), events.DefaultPacketEvents)
			t.Log(got.row["events"], got.row["width x height"], len(got.triggers), got.skipped, got.damage)
			version := strings.ReplaceAll(ours.FindStringSubmatch(want["format"])[1], ".", "")
			require.Equal(t, "evt"+version, got.row["file"], "the format")
			require.Equal(t, got.skipped["external trigger"], int64(len(got.triggers)))
			if want["events"] == "-" {
				require.NotEqual(t, "0", got.row["events"])
				return // the list says nothing of its content
			}
			for column, v := range got.row {
				if column != "file" {
					require.Equal(t, want[column], v, column)
				}
			}
			if !strings.Contains(want["format"], "trunc") {
				require.Empty(t, got.damage)
			} else {
				require.Len(t, got.damage, 1)
				require.True(t, got.damage[0].Fatal)
			}
			small := readContent(t, filepath.Join(dir, want["file"]), 7)
			require.Equal(t, got.row, small.row)
			require.Equal(t, got.triggers, small.triggers)
		})
	}
}

// What real recordings hold can be written in either encoding and read again.
func TestRecordingsWrittenAgain(t *testing.T) {
	dir, list := rows(t)
	for _, row := range list {
		file, err := os.Open(filepath.Join(dir, row["file"]))
		require.NoError(t, err)
		r := detected(t, file)
		in, _ := readAll(t, r, events.DefaultPacketEvents)
		require.NoError(t, file.Close())
		for _, c := range codecs {
			b := c.file(t, r.Header().Geometry, in, 0)
			again, err := c.format(t).NewReader(bytes.NewReader(b), events.Geometry{})
			require.NoError(t, err)
			out, damage := readAll(t, again, events.DefaultPacketEvents)
			require.Empty(t, damage)
			require.True(t, slices.Equal(in, out), "%s as %s", row["file"], c.name)
			if r.Header().Geometry.Known() {
				require.Equal(t, r.Header().Geometry, again.Header().Geometry)
			}
			t.Logf("%s as %s: %.2f bytes an event", row["file"], c.name, float64(len(b))/float64(len(in)))
		}
	}
}
