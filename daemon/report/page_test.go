package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
)

var update = flag.Bool("update", false, "write the golden files anew")

// element is an element of a page. The page is written so that it is well-formed
// XML as well, which is how the tests read it.
type element struct {
	name       string
	attributes map[string]string
	text       string // all text within
	children   []*element
	buffer     strings.Builder
}

func parse(t require.TestingT, document []byte) *element {
	root := &element{}
	stack := []*element{root}
	d := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			require.Len(t, stack, 1)
			root.text = root.buffer.String()
			return root
		}
		require.NoError(t, err)
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			top.text = top.buffer.String()
			stack[len(stack)-2].buffer.WriteString(top.text)
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.buffer.Write(token)
		}
	}
}

// all gives the elements of a name, in the order of the document.
func (e *element) all(name string) []*element {
	var out []*element
	for _, c := range e.children {
		if c.name == name {
			out = append(out, c)
		}
		out = append(out, c.all(name)...)
	}
	return out
}

func (e *element) byID(t require.TestingT, id string) *element {
	for _, s := range e.all("section") {
		if s.attributes["id"] == id {
			return s
		}
	}
	require.Failf(t, "no such section", "%q", id)
	return nil
}

// outline writes the elements with ids and classes, runs of equal ones once with
// their number, and no deeper than a chart.
func (e *element) outline(b *strings.Builder, depth int) {
	for i := 0; i < len(e.children); {
		c := e.children[i]
		one := c.lines(depth)
		n := 1
		for i+n < len(e.children) && e.children[i+n].lines(depth) == one {
			n++
		}
		if n > 1 {
			first, rest, _ := strings.Cut(one, "\n")
			one = fmt.Sprintf("%s x%d\n%s", first, n, rest)
		}
		b.WriteString(one)
		i += n
	}
}

func (e *element) lines(depth int) string {
	var b strings.Builder
	b.WriteString(strings.Repeat("  ", depth) + e.name)
	if id := e.attributes["id"]; id != "" {
		b.WriteString("#" + id)
	}
	for _, class := range strings.Fields(e.attributes["class"]) {
		b.WriteString("." + class)
	}
	b.WriteByte('\n')
	if e.name != "svg" {
		e.outline(&b, depth+1)
	}
	return b.String()
}

func write(t require.TestingT, dir string, run Run) (paths []string, html []byte) {
	paths, err := Write(dir, run)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "report.html"), paths[len(paths)-1])
	html, err = os.ReadFile(paths[len(paths)-1])
	require.NoError(t, err)
	return paths, html
}

func TestPageStructure(t *testing.T) {
	html := drawn()["report.html"]
	var b strings.Builder
	parse(t, html).outline(&b, 0)
	golden := filepath.Join("testdata", "page.outline")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "run the test with -update to write it")
	require.Equal(t, string(want), b.String())
}

func TestPageSaysTheNumbers(t *testing.T) {
	html := drawn()["report.html"]
	page := parse(t, html)

	heads := map[string]string{}
	for _, div := range page.all("dl")[0].children {
		heads[div.children[0].text] = div.children[1].text
	}
	require.Equal(t, map[string]string{
		"Test accuracy":    "98.0\u00a0%raw counts: 84.0\u00a0%",
		"Cross-validation": "96.5\u00a0%raw counts: 83.1\u00a0%",
		"Events a second":  "96.6\u00a0k3,990,214 in all",
		"Latency, p50":     "598\u00a0µsp99: 1.09\u00a0ms",
		"Missed events":    "2.13\u00a0%expected at rest: 2.04\u00a0%",
	}, heads)

	rows := map[string]string{}
	for _, tr := range page.byID(t, "numbers").all("tr") {
		rows[tr.children[0].text] = tr.children[1].text
	}
	for name, want := range map[string]string{
		"Learned features": "98.0\u00a0%", "Raw event counts": "84.0\u00a0%", "Device": "purego",
		"Training recordings": "800", "Test recordings": "150", "Events": "3,990,214", "Duration": "41.3\u00a0s",
		"Throughput": "96.6\u00a0k events/s", "Missed events, share of events": "2.13\u00a0%",
		"Expected at rest, share of events": "2.04\u00a0%", "Latency from publish to result, p99": "1.09\u00a0ms",
		"Patch": "11×11 pixels (R = 5)", "Threshold steps": "ΔI = 0.001, ΔE = 0.003", "Readout": "ridge", "Go": "go1.26",
	} {
		require.Equal(t, want, rows[name], name)
	}

	require.Contains(t, page.byID(t, "confusion").text, "Accuracy 98.0\u00a0%: 147 of 150 recordings right")
	require.Contains(t, page.byID(t, "confusion").text, "is 9, taken for 4: 2 of 15 (13.3\u00a0%)")
	require.Contains(t, page.byID(t, "recordings").text, "taken for 5")
	require.Contains(t, page.byID(t, "learning").text, "0.001/(16·0.003) = 0.0208")
	learning := page.byID(t, "learning").text
	require.Contains(t, learning, "settled after 655,360 events; drift after 1,769,472 events: misses per hit.")
	require.Contains(t, learning, "ΔI/(N·ΔE) = 0.0208")
	activity := page.byID(t, "activity").text
	require.Contains(t, activity, "Test/3.bin, 400 events that a feature won")
	require.Contains(t, activity, "class 1, OFF #1: 6.06\u00a0% of the wins, 1.5 times the mean")
	require.Contains(t, page.byID(t, "notes").text, "not seen by any training")
}

// The page must show the same to a reader without a network, and run nothing.
func TestPageNeedsNothingElse(t *testing.T) {
	html := drawn()["report.html"]
	page := parse(t, html)
	require.NotRegexp(t, `(?i)https?://|@import|url\(`, string(html))
	for _, name := range []string{"script", "link", "iframe", "object", "embed", "base", "a", "form"} {
		require.Empty(t, page.all(name), name)
	}
	for _, img := range page.all("img") {
		require.True(t, strings.HasPrefix(img.attributes["src"], "data:image/png;base64,"), "%.60s", img.attributes["src"])
		require.NotEmpty(t, img.attributes["alt"])
	}
	policy := ""
	for _, m := range page.all("meta") {
		if m.attributes["http-equiv"] == "Content-Security-Policy" {
			policy = m.attributes["content"]
		}
	}
	require.Equal(t, "default-src 'none'; img-src data:; style-src 'unsafe-inline'", policy)
}

// Folder names become labels, so labels can be anything.
func TestHostileText(t *testing.T) {
	hostile := "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{.}}\x00\u202e\xff\n" + strings.Repeat("x", 10000)
	run := small()
	run.Title, run.Device, run.Latency.What = hostile, hostile, hostile
	for i := range run.Layer.Banks {
		run.Layer.Banks[i].Name = hostile
	}
	for i := range run.Confusion.Labels {
		run.Confusion.Labels[i] = hostile
	}
	for i := range run.Recordings {
		run.Recordings[i].Name, run.Recordings[i].Label, run.Recordings[i].Predicted = hostile, hostile, hostile
	}
	for i := range run.Rasters {
		run.Rasters[i].Name, run.Rasters[i].Label, run.Rasters[i].Predicted = hostile, hostile, hostile
	}
	for i := range run.Layer.Course.Findings {
		run.Layer.Course.Findings[i].Change, run.Layer.Course.Findings[i].Signal = monitor.Change(hostile), hostile
	}
	run.Activation.What = hostile
	for i := range run.Activation.Classes {
		run.Activation.Classes[i].Label = hostile
	}
	run.Versions = []Row{{hostile, hostile}}
	run.Numbers.More = []Row{{hostile, hostile}}
	run.Notes = []string{hostile}
	dir := t.TempDir()
	paths, html := write(t, dir, run)

	page := parse(t, html)
	require.Empty(t, page.all("script"))
	for _, img := range page.all("img") {
		require.NotContains(t, img.attributes, "onerror")
	}
	require.Len(t, page.all("title")[0].text, len(page.all("h1")[0].text))
	require.Contains(t, page.all("h1")[0].text, "</title></style><script>alert(1)</script>")
	require.Less(t, len([]rune(page.all("h1")[0].text)), 201)
	require.NotContains(t, string(html), "\u202e")
	require.NotContains(t, string(html), "\x00")
	for _, path := range paths {
		require.Regexp(t, `^[a-z0-9-]+\.(png|svg|html)$`, filepath.Base(path))
		if strings.HasSuffix(path, ".svg") {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Empty(t, parse(t, data).all("script"), path)
		}
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(paths))), len(paths), "banks of one name have files of their own")
	require.Equal(t, hostile, run.Notes[0], "the caller's run is left as it is")
	require.Equal(t, hostile, run.Layer.Banks[0].Name)
}

func TestEmptyRun(t *testing.T) {
	for name, run := range map[string]Run{
		"zero": {},
		"empty parts": {
			Layer:      Layer{Radius: 3, Banks: []Bank{{}, {Name: "ON", History: []Sample{{}, {}}, Weights: [][]float64{}, Wins: []int64{}}}},
			Confusion:  Confusion{Labels: []string{"a"}, Counts: [][]int{{0}}},
			Latency:    Latency{Samples: []time.Duration{0, -5}},
			Recordings: []Recording{{}},
			Rasters:    []Raster{},
			Activation: Activation{What: "nothing", Classes: []Class{{}, {Label: "a"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			paths, html := write(t, t.TempDir(), run)
			require.Len(t, paths, 1, "nothing is drawn")
			page := parse(t, html)
			for _, id := range []string{"recordings", "features", "learning", "activity", "confusion", "latency"} {
				require.Contains(t, page.byID(t, id).text, "Nothing to show", id)
			}
			if name == "zero" {
				require.Contains(t, page.byID(t, "numbers").text, "Nothing to show")
				require.Equal(t, "saccade", page.all("h1")[0].text)
			}
		})
	}
}

func TestValuesThatAreNoNumbers(t *testing.T) {
	bad := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64}
	for i, v := range bad {
		run := small()
		run.Recordings = nil
		run.Numbers = Numbers{Learned: Accuracy{Test: Measured(v)}, EventsPerSecond: Measured(v), MissedRate: Measured(v)}
		run.Layer.DeltaI = v
		run.Layer.Scale = Scale(i % 2)
		b := &run.Layer.Banks[0]
		b.Weights[2][7], b.Thresholds[1] = v, v
		for _, s := range b.History {
			s.Thresholds[3] = v
		}
		for k := range b.History[10].Thresholds {
			b.History[10].Thresholds[k] = v
		}
		paths, html := write(t, t.TempDir(), run)
		page := parse(t, html)
		require.NotContains(t, page.byID(t, "learning").text, "expected 2.04")
		if math.IsNaN(v) {
			require.Contains(t, page.byID(t, "features").text, "not a number")
			require.Contains(t, page.all("dl")[0].text, "not a number")
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, ".svg") {
				continue
			}
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NotRegexp(t, `"[^"]*(NaN|Inf)[^"]*"`, string(data), "%s with %v", path, v)
		}
		// The bad neuron moves no axis: those of the others stay near one.
		data, err := os.ReadFile(filepath.Join(filepath.Dir(paths[0]), "thresholds-off.svg"))
		require.NoError(t, err)
		require.True(t, bytes.Contains(data, []byte(">0.5</text>")), "with %v", v)
	}
}

func TestSameRunSameBytes(t *testing.T) {
	again, err := render(cleaned(synthetic()))
	require.NoError(t, err)
	require.Len(t, drawn(), len(again))
	for _, f := range again {
		require.True(t, bytes.Equal(drawn()[f.name], f.data), f.name)
	}
}

func TestRunsThatDoNotFitTogether(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Run)
		want  string
	}{
		"planes":            {func(r *Run) { r.Layer.Planes = 257 }, "expected 0 to 256 planes, found 257"},
		"planes of weights": {func(r *Run) { r.Layer.Planes = 2 }, `bank "OFF", neuron 0: expected 242 weights for radius 5, found 121`},
		"huge patch":        {func(r *Run) { r.Layer.Radius, r.Layer.Planes = 127, 2 }, "expected at most 65025 weights of a neuron, found 2 planes of 255x255"},
		"field":             {func(r *Run) { r.Layer.Field.Geometry.Width = 5000 }, "field: expected sides of 1 to 4096 pixels, found 5000x30"},
		"block":             {func(r *Run) { r.Layer.Field.Block = -1 }, "field: expected squares of 0 to 4096 pixels, found -1"},
		"huge field":        {func(r *Run) { r.Layer.Field = Field{events.Geometry{Width: 4096, Height: 17}, 1} }, "expected at most 65536 squares, found 4096x17"},
		"maps":              {func(r *Run) { r.Layer.Banks[1].Places = r.Layer.Banks[1].Places[:3] }, `bank "ON": expected 16 maps, one a feature, found 3`},
		"squares":           {func(r *Run) { r.Layer.Banks[1].Places[4] = []int64{1} }, `bank "ON", map 4: expected 1020 squares, found 1`},
		"negative place":    {func(r *Run) { r.Layer.Banks[1].Places[4][7] = -3 }, `bank "ON", map 4, square 7: expected a count, found -3`},
		"intervals":         {func(r *Run) { r.Layer.Course.Intervals[3].From = 5 }, "interval 3: expected it to begin at 196608 events or later"},
		"interval's end":    {func(r *Run) { r.Layer.Course.Intervals[3].To = 5 }, "interval 3: expected it to begin at 196608 events or later and to end no earlier, found 196608 to 5"},
		"interval's banks":  {func(r *Run) { r.Layer.Course.Intervals[3].Banks = nil }, "interval 3: expected signals of 2 banks, found 0"},
		"raster":            {func(r *Run) { r.Rasters[1].Events[9].Feature = 32 }, "raster 1, event 9: expected a feature from 0 to 31, found 32"},
		"negative feature":  {func(r *Run) { r.Rasters[1].Events[9].Feature = -1 }, "raster 1, event 9: expected a feature from 0 to 31, found -1"},
		"activation":        {func(r *Run) { r.Activation.Classes[2].Mean = nil }, "activation, class 2: expected 32 means and deviations, found 0 and 32"},
		"no share":          {func(r *Run) { r.Activation.Classes[2].Mean[5] = math.NaN() }, "activation, class 2, feature 5: expected a share from 0 to 1"},
		"no deviation":      {func(r *Run) { r.Activation.Classes[2].SD[5] = -1 }, "activation, class 2, feature 5: expected a share from 0 to 1 and its deviation"},
		"recordings":        {func(r *Run) { r.Activation.Classes[0].Recordings = -1 }, "activation, class 0: expected a count of recordings, found -1"},
		"class maps":        {func(r *Run) { r.Activation.Classes[0].Places = [][]int64{} }, "activation, class 0: expected 32 maps, one a feature, found 0"},
		"weights":           {func(r *Run) { r.Layer.Banks[1].Weights[3] = make([]float64, 120) }, `bank "ON", neuron 3: expected 121 weights for radius 5, found 120`},
		"radius":            {func(r *Run) { r.Layer.Radius = -1 }, "expected a radius of 0 to 127, found -1"},
		"huge radius":       {func(r *Run) { r.Layer.Radius = math.MaxInt }, "expected a radius of 0 to 127"},
		"scale":             {func(r *Run) { r.Layer.Scale = 9 }, "expected scale PerTile or Shared, found 9"},
		"thresholds":        {func(r *Run) { r.Layer.Banks[0].Thresholds = []float64{1} }, `bank "OFF": expected 16 thresholds, found 1`},
		"wins":              {func(r *Run) { r.Layer.Banks[0].Wins = []int64{1} }, `bank "OFF": expected 16 counts of wins, found 1`},
		"negative wins":     {func(r *Run) { r.Layer.Banks[0].Wins[5] = -1 }, `bank "OFF", neuron 5: expected a count of wins, found -1`},
		"sample thresholds": {func(r *Run) { r.Layer.Banks[0].History[7].Thresholds = []float64{1} }, `bank "OFF", sample 7: expected 16 thresholds, found 1`},
		"events go back":    {func(r *Run) { r.Layer.Banks[0].History[7].Events = 1 }, `bank "OFF", sample 7: expected running totals`},
		"missed too many":   {func(r *Run) { r.Layer.Banks[0].History[0].Missed = 2001 }, `bank "OFF", sample 0: expected running totals after 0 events`},
		"confusion rows":    {func(r *Run) { r.Confusion.Counts = r.Confusion.Counts[:9] }, "expected 10 rows, one a label, found 9"},
		"confusion columns": {func(r *Run) { r.Confusion.Counts[2] = []int{1} }, "row 2: expected 10 columns, found 1"},
		"confusion counts":  {func(r *Run) { r.Confusion.Counts[2][1] = -4 }, "row 2, column 1: expected a count, found -4"},
		"classes":           {func(r *Run) { r.Confusion.Labels = make([]string, 1001) }, "expected at most 1000 classes, found 1001"},
		"frames":            {func(r *Run) { r.Recordings[1].Frames = 65 }, "recording 1: expected 0 to 64 frames, found 65"},
		"geometry":          {func(r *Run) { r.Recordings[0].Geometry = events.Geometry{Width: 5000, Height: 1} }, "recording 0: expected sides of 1 to 4096 pixels, found 5000x1"},
	} {
		t.Run(name, func(t *testing.T) {
			run := synthetic()
			c.spoil(&run)
			dir := filepath.Join(t.TempDir(), "out")
			paths, err := Write(dir, run)
			require.ErrorContains(t, err, c.want)
			require.Empty(t, paths)
			require.NoDirExists(t, dir, "nothing is written")
		})
	}
}
