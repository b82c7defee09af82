package report

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// deep is a run of so many layers, of which all but the first have sums.
func deep(layers, neurons int) Run {
	run := small()
	rng := rand.New(rand.NewPCG(5, 9))
	for range layers - 1 {
		l := Layer{
			Radius: 1, Planes: 8, DeltaI: 0.001, DeltaE: 0.003, Field: run.Layer.Field, Frozen: true,
			Surfaces: []string{"OFF", "ON"}, SumSide: 13,
		}
		b := Bank{Name: "planes", Places: syntheticPlaces(rng, l.Field, neurons), Wins: make([]int64, neurons)}
		for k := range neurons {
			b.Weights, b.Sums = append(b.Weights, noise(rng, 72)), append(b.Sums, noise(rng, 2*13*13))
			b.Thresholds = append(b.Thresholds, rng.Float64())
			b.Wins[k] = rng.Int64N(1000)
		}
		b.History = []Sample{{Events: 1000, Missed: 10}, {Events: 3000, Missed: 40}}
		l.Banks = []Bank{b}
		run.Behind = append(run.Behind, Level{Layer: l, Rasters: []Raster{syntheticRaster(rng, "3", neurons)}, Activation: syntheticActivation(rng, l)})
	}
	return run
}

func noise(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.Float64()
	}
	return out
}

// Every layer has sections and files of its own, and choices that no other has.
func TestLayersHaveTheirOwn(t *testing.T) {
	paths, html := write(t, t.TempDir(), deep(3, 5))
	page := parse(t, html)
	for i, id := range []string{"", "-2", "-3"} {
		for section, heading := range map[string]string{"features": "what it learned", "learning": "how", "activity": "what fires when, and for what"} {
			h2 := page.byID(t, section+id).all("h2")[0].text
			require.True(t, strings.HasPrefix(h2, fmt.Sprintf("Layer %d: %s", i+1, heading)), h2)
		}
	}
	ids := map[string]bool{}
	for _, name := range []string{"input", "figure", "section"} {
		for _, e := range page.all(name) {
			if id := e.attributes["id"]; id != "" {
				require.False(t, ids[id], "%s stands twice", id)
				ids[id] = true
			}
		}
	}
	for _, l := range page.all("label") {
		require.True(t, ids[l.attributes["for"]], l.attributes["for"])
	}
	require.Contains(t, string(html), ".choose>#raster-3-0:checked~.chosen>#rastered-3-0{display:block}")
	for _, name := range []string{"features-off.png", "layer-2-features-planes.png", "layer-3-features-planes.png", "layer-2-raster-3.svg", "layer-3-activation.svg", "layer-2-missed.svg", "layer-3-thresholds.svg"} {
		require.True(t, slices.ContainsFunc(paths, func(p string) bool { return filepath.Base(p) == name }), name)
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(paths))), len(paths))
	features := page.byID(t, "features-2")
	require.Contains(t, features.text, "from the left OFF and ON")
	require.Contains(t, features.text, "8 patches, one a feature of the layer before")
	tile := features.all("figure")[0].all("img")
	require.Len(t, tile, 3, "what it looks like on the sensor, its weights, where it won")
	sum := decodeURI(t, tile[0].attributes["src"])
	require.Equal(t, 27, sum.Bounds().Dx(), "two of 13 with a line between")
	require.Equal(t, 13, sum.Bounds().Dy())
}

// However many layers, and however much each brings, the page can be sent.
func TestPageOfManyLayersIsBounded(t *testing.T) {
	run := deep(maxLevels, 120)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range run.Behind {
		l := &run.Behind[i]
		for k := range 300 {
			s := Sample{Events: int64(k) * 1000, Missed: int64(k) * 20, Thresholds: noise(rng, 120)}
			l.Layer.Banks[0].History = append(l.Layer.Banks[0].History[:min(k, len(l.Layer.Banks[0].History))], s)
		}
		l.Layer.Frozen = false
		for k := range 40 {
			c := l.Activation.Classes[0]
			c.Label = fmt.Sprint("class ", k)
			l.Activation.Classes = append(l.Activation.Classes, c)
		}
		for range maxRasters {
			l.Rasters = append(l.Rasters, syntheticRaster(rng, "7", 120))
		}
	}
	files, err := render(run)
	require.NoError(t, err)
	html := files[len(files)-1].data
	t.Logf("%d bytes", len(html))
	require.Less(t, len(html), 3_000_000)
	run.Behind = append(run.Behind, run.Behind[0])
	require.EqualError(t, check(run), "report: expected at most 8 layers, found 9")
}

// A frozen layer's curves are of what came, and its thresholds are drawn once.
func TestFrozenLayer(t *testing.T) {
	run := synthetic()
	run.Layer.Frozen, run.Untimed, run.Rasters = true, true, nil
	run.Latency.Samples = []time.Duration{1, 2}
	run.Headlines = []Headline{{"Features", "32", "split"}}
	run.Tables = []Table{{"The layer", []Row{{"Mode", "split"}}}}
	run.Confusion = Confusion{Why: "No readout."}
	for i := range run.Layer.Banks {
		for k := range run.Layer.Banks[i].History {
			run.Layer.Banks[i].History[k].Thresholds = nil
		}
	}
	paths, html := write(t, t.TempDir(), run)
	page := parse(t, html)
	learning := page.byID(t, "learning")
	require.Equal(t, "How well it knows what came", learning.all("h2")[0].text)
	require.Contains(t, learning.text, "The features were frozen")
	require.Contains(t, learning.text, "FEAST's balance, over all events")
	require.Len(t, learning.all("svg"), 3, "use, thresholds, missed events")
	all := run.Layer.Banks[0].History[199]
	require.Contains(t, learning.text, percent(float64(all.Missed)/float64(all.Events)))
	require.Equal(t, "No readout.", page.byID(t, "confusion").all("p")[0].text)
	require.NotContains(t, string(html), `id="latency"`)
	require.Contains(t, page.byID(t, "numbers").text, "The layer\n\nModesplit")
	require.Contains(t, page.all("dl")[0].text, "Features32split")
	var names []string
	for _, p := range paths {
		names = append(names, filepath.Base(p))
	}
	require.Contains(t, names, "thresholds.svg")
	require.NotContains(t, names, "latency.svg")
	require.NotContains(t, names, "course-thresholds.svg")
	data, err := os.ReadFile(filepath.Join(filepath.Dir(paths[0]), "thresholds.svg"))
	require.NoError(t, err)
	require.Contains(t, string(data), "line off")
	require.Contains(t, string(data), "line on")
}

// Whatever stands in layers behind the first and in tables is made fit to be shown, too.
func TestHostileTextEverywhere(t *testing.T) {
	hostile := "<script>alert(1)</script>\x00\u202e{{.}}" + strings.Repeat("x", 10000)
	run := deep(2, 3)
	l := &run.Behind[0]
	l.Layer.Banks[0].Name, l.Layer.Surfaces = hostile, []string{hostile, hostile}
	l.Activation.What, l.Activation.Classes[0].Label, l.Rasters[0].Label = hostile, hostile, hostile
	run.Headlines, run.Tables = []Headline{{hostile, hostile, hostile}}, []Table{{hostile, []Row{{hostile, hostile}}}}
	run.Confusion = Confusion{Why: hostile}
	paths, html := write(t, t.TempDir(), run)
	require.Empty(t, parse(t, html).all("script"))
	require.NotContains(t, string(html), "\x00")
	require.NotContains(t, string(html), "\u202e")
	require.Less(t, len(html), 1_000_000)
	for _, p := range paths {
		require.Less(t, len(filepath.Base(p)), 80)
	}
	require.Equal(t, hostile, l.Layer.Banks[0].Name, "the caller's run is left as it is")
	require.Equal(t, hostile, run.Tables[0].Rows[0].Value)
}

func TestSumsThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Layer)
		want  string
	}{
		"side":     {func(l *Layer) { l.SumSide = 513 }, "layer 2: report: layer: expected sums of 1 to 512 pixels a side and of 1 to 16 surfaces, found 513 and 2"},
		"surfaces": {func(l *Layer) { l.Surfaces = nil }, "found 13 and 0"},
		"neurons":  {func(l *Layer) { l.Banks[0].Sums = l.Banks[0].Sums[:2] }, `bank "planes": expected 3 sums, one a neuron, found 2`},
		"pixels":   {func(l *Layer) { l.Banks[0].Sums[1] = nil }, `bank "planes", sum 1: expected 338 pixels, found 0`},
		"raster":   {func(l *Layer) { l.Banks[0].Weights = l.Banks[0].Weights[:1] }, `expected 1 thresholds, found 3`},
	} {
		t.Run(name, func(t *testing.T) {
			run := deep(2, 3)
			c.spoil(&run.Behind[0].Layer)
			if name == "raster" {
				run.Behind[0].Layer.Banks[0].Sums = nil
			}
			_, err := Write(t.TempDir(), run)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "layer 2: ")
		})
	}
}

// Both pages have one head.
func TestPagesShareTheirHead(t *testing.T) {
	head := func(html []byte) string {
		text, _, found := strings.Cut(string(html), "<style>")
		require.True(t, found)
		return text
	}
	path := filepath.Join(t.TempDir(), "sizes.html")
	s := someSizes()
	s.Title = "saccade demo"
	require.NoError(t, WriteSizes(path, s))
	sizes, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, head(drawn()["report.html"]), head(sizes))
}
