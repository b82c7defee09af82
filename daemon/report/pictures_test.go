package report

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

func decode(t *testing.T, data []byte) image.Image {
	p, err := png.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return p
}

func decodeURI(t *testing.T, uri string) image.Image {
	data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(uri, "data:image/png;base64,"))
	require.NoError(t, err)
	return decode(t, data)
}

func pixel(p image.Image, x, y int) color.NRGBA {
	c, ok := color.NRGBAModel.Convert(p.At(x, y)).(color.NRGBA)
	if !ok {
		panic("the model of NRGBA gives NRGBA")
	}
	return c
}

// same tells whether a picture stands in another with its corner at x, y.
func same(sheet image.Image, x, y int, p image.Image) bool {
	for j := range p.Bounds().Dy() {
		for i := range p.Bounds().Dx() {
			if pixel(sheet, x+i, y+j) != pixel(p, i, j) {
				return false
			}
		}
	}
	return true
}

func lightness(c color.NRGBA) float64 {
	return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
}

// Each weight is a square of pixels of one colour, and a larger weight is never
// darker.
func TestFeatureTiles(t *testing.T) {
	run := synthetic()
	section := parse(t, drawn()["report.html"]).byID(t, "features")
	tiles := make([]*element, 0, 32)
	for _, f := range section.all("figure") {
		require.Len(t, f.all("img"), 2, "the feature, and where it won")
		tiles = append(tiles, f.all("img")[0])
	}
	require.Len(t, tiles, 32)
	const (
		across = 34*3 + 14 // a map of 34x30 pixels is wider than a tile
		down   = 99 + 4 + 30*3 + 14 + 3*17
	)
	const scale = 9 // 11 pixels to 99
	for q, b := range run.Layer.Banks {
		sheet := decode(t, drawn()["features-"+strings.ToLower(b.Name)+".png"])
		require.Equal(t, image.Rect(0, 0, 2*20+8*across-14, 64+2*down+20), sheet.Bounds())
		for k, w := range b.Weights {
			tile := decodeURI(t, tiles[q*16+k].attributes["src"])
			require.Equal(t, image.Rect(0, 0, 99, 99), tile.Bounds())
			order := make([]int, len(w))
			for i := range w {
				order[i] = i
				corner := pixel(tile, i%11*scale, i/11*scale)
				require.Equal(t, corner, pixel(tile, i%11*scale+scale-1, i/11*scale+scale-1))
			}
			slices.SortFunc(order, func(a, b int) int {
				if w[a] < w[b] {
					return -1
				}
				return 1
			})
			at := func(i int) float64 { return lightness(pixel(tile, i%11*scale, i/11*scale)) }
			// Lightness is even in CIELAB; luma differs from it by a little.
			for n := 1; n < len(order); n++ {
				require.GreaterOrEqual(t, at(order[n]), at(order[n-1])-12, "bank %s, neuron %d", b.Name, k)
			}
			require.Greater(t, at(order[len(order)-1]), 240.0, "the largest weight is white")
			require.Less(t, at(order[0]), 60.0)
			x, y := 20+k%8*across, 64+k/8*down
			require.True(t, same(sheet, x, y, tile), "the sheet holds what the page shows: bank %s, neuron %d", b.Name, k)
			if k > 0 {
				require.False(t, same(sheet, x, y, decodeURI(t, tiles[q*16].attributes["src"])), "features differ")
			}
		}
	}
	require.Contains(t, section.text, "#15θ 0.900")
	require.Contains(t, section.text, "Each tile has a scale of its own")
}

func TestCaptions(t *testing.T) {
	b := Bank{Name: "ON", Weights: make([][]float64, 3), Thresholds: []float64{0.5, math.Inf(1), -1e9}, Wins: []int64{0, math.MaxInt64, math.MaxInt64}}
	require.Equal(t, tileView{
		Index: 0, Threshold: "0.500", Share: "0\u00a0%", Idle: true, Hint: "ON, neuron 0, selection threshold 0.500, won 0 events (0\u00a0%)",
	}, caption(b, 0))
	require.Equal(t, "infinite", caption(b, 1).Threshold)
	require.Equal(t, "50.0\u00a0%", caption(b, 1).Share)
	require.Equal(t, "-1e+09", caption(b, 2).Threshold)
	require.Equal(t, tileView{Index: 1, Hint: "OFF, neuron 1"}, caption(Bank{Name: "OFF"}, 1), "what is not known is left off")
}

func TestScales(t *testing.T) {
	weights := [][]float64{{0, 1, 2, 4, 0, 0, 0, 0, 0}, {0, 0.5, 1, 2, 0, 0, 0, 0, 0}}
	brightest := func(scale Scale) [2]float64 {
		v, _, err := drawFeatures(Layer{Radius: 1, Scale: scale, Banks: []Bank{{Name: "a", Weights: weights}}}, portionOf(0, 1), faces(t))
		require.NoError(t, err)
		var out [2]float64
		for i, tile := range v.Banks[0].Tiles {
			p := decodeURI(t, string(tile.Picture))
			out[i] = lightness(pixel(p, 0, p.Bounds().Dy()/3+1))
		}
		return out
	}
	own, shared := brightest(PerTile), brightest(Shared)
	require.InDelta(t, own[0], own[1], 0, "on scales of their own both are as bright")
	require.Greater(t, shared[0], shared[1]+50, "on one scale the second is darker")
}

func faces(t *testing.T) typefaces {
	f, err := loadTypefaces()
	require.NoError(t, err)
	return f
}

func TestWeightLevels(t *testing.T) {
	for name, c := range map[string]struct {
		weights []float64
		want    []uint8
	}{
		"from zero":     {[]float64{0, 0.5, 1}, []uint8{0, 127, 254}},
		"one value":     {[]float64{0.1, 0.1}, []uint8{254, 254}},
		"all zero":      {[]float64{0, 0}, []uint8{0, 0}},
		"negative":      {[]float64{-1, 0, 1}, []uint8{0, 127, 254}},
		"not finite":    {[]float64{0, math.NaN(), math.Inf(1), 2}, []uint8{0, 255, 255, 254}},
		"only NaN":      {[]float64{math.NaN()}, []uint8{255}},
		"near overflow": {[]float64{-math.MaxFloat64, 0, math.MaxFloat64}, []uint8{0, 127, 254}},
	} {
		t.Run(name, func(t *testing.T) {
			s := spanOf(c.weights)
			got := make([]uint8, 0, len(c.weights))
			for _, w := range c.weights {
				got = append(got, s.level(w))
			}
			require.Equal(t, c.want, got)
		})
	}
}

// The map's lightness rises from black to white without a step back.
func TestWeightPalette(t *testing.T) {
	p, err := weightPalette()
	require.NoError(t, err)
	require.Len(t, p, weightLevels+1)
	require.Equal(t, color.NRGBA{0, 0, 0, 255}, p[0])
	require.Equal(t, color.NRGBA{255, 255, 255, 255}, p[weightLevels-1])
	for i := 1; i < weightLevels; i++ {
		require.GreaterOrEqual(t, lstar(opaque(p[i])), lstar(opaque(p[i-1]))-0.5, "level %d", i)
	}
	require.NotContains(t, p[:weightLevels], color.Color(colourNaN))
}

// lstar is CIE lightness, 0 to 100.
func lstar(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	y := 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

func TestFrames(t *testing.T) {
	r := Recording{
		Label: "7", Predicted: "7", Geometry: events.Geometry{Width: 34, Height: 30}, Frames: 3,
		Events: []events.Event{
			{T: 100, X: 0, Y: 0, P: events.On},
			{T: 150, X: 5, Y: 6, P: events.Off},
			{T: 250, X: 33, Y: 29, P: events.On},
			{T: 399, X: 2, Y: 3, P: events.On},
			{T: 400, X: 2, Y: 3, P: events.Off},
			{T: 9999, X: 34, Y: 0, P: events.On}, // beside the sensor
		},
	}
	dir := t.TempDir()
	_, html := write(t, dir, Run{Recordings: []Recording{r}})
	section := parse(t, html).byID(t, "recordings")
	require.Contains(t, section.text, "6 events, 34×30 pixels, 1 event outside the sensor left out, 300\u00a0µs")
	require.Contains(t, section.text, "0–100\u00a0µs")
	require.Contains(t, section.text, "recognised as 7")

	const scale = 3
	frames := make([]image.Image, 0, 3)
	for _, img := range section.all("img") {
		p := decodeURI(t, img.attributes["src"])
		require.Equal(t, image.Rect(0, 0, 34*scale, 30*scale), p.Bounds())
		frames = append(frames, p)
	}
	require.Len(t, frames, 3)
	at := func(frame, x, y int) color.NRGBA { return pixel(frames[frame], x*scale+1, y*scale+1) }
	hue := func(c color.NRGBA) color.NRGBA { c.A = 255; return c }
	require.Equal(t, colourOn, hue(at(0, 0, 0)))
	require.Equal(t, colourOff, hue(at(0, 5, 6)))
	require.Equal(t, colourOn, hue(at(1, 33, 29)))
	require.Zero(t, at(1, 0, 0).A, "nothing fired there then")
	require.Greater(t, at(0, 0, 0).A, uint8(100), "one event can be seen")
	mixed := hue(at(2, 2, 3))
	require.NotEqual(t, colourOn, mixed)
	require.NotEqual(t, colourOff, mixed)

	data, err := os.ReadFile(filepath.Join(dir, "recording-01.png"))
	require.NoError(t, err)
	sheet := decode(t, data)
	require.Equal(t, image.Rect(0, 0, 420, 64+90+17+20), sheet.Bounds())
	c := pixel(sheet, 20+5*scale+1, 64+6*scale+1)
	require.Greater(t, c.B, c.R, "OFF is blue on the sheet too")
	require.Equal(t, sheetFrame, pixel(sheet, 20+20*scale, 64+20*scale))
}

// Every event on the sensor is in exactly one frame, whatever the times.
func TestBinningLosesNothing(t *testing.T) {
	event := rapid.Custom(func(t *rapid.T) events.Event {
		return events.Event{
			T: rapid.OneOf(rapid.Int64(), rapid.Int64Range(0, 1000), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "t"),
			X: rapid.Uint16Range(0, 700).Draw(t, "x"), Y: rapid.Uint16Range(0, 40).Draw(t, "y"),
			P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		r := Recording{Events: rapid.SliceOfN(event, 0, 40).Draw(t, "events"), Frames: rapid.IntRange(0, 20).Draw(t, "frames")}
		g := events.Geometry{Width: 600, Height: 30}
		b := binEvents(r, g)
		counted, cells := 0, 0
		for _, f := range b.frames {
			counted += f.sumOn + f.sumOff
			for i := range f.on {
				cells += int(f.on[i] + f.off[i])
			}
		}
		require.Equal(t, len(r.Events), counted+b.outside)
		require.Equal(t, counted, cells)
		require.LessOrEqual(t, max(b.width, b.height), frameLargest)
	})
}

func TestFramesDivideTimeEvenly(t *testing.T) {
	r := Recording{Frames: 7}
	for i := range 7001 {
		r.Events = append(r.Events, events.Event{T: math.MinInt64 + int64(i), X: 1, Y: 1})
	}
	b := binEvents(r, events.Geometry{Width: 3, Height: 3})
	for i, f := range b.frames {
		want := 1000
		if i == 6 {
			want = 1001 // the very last event is in the last frame
		}
		require.Equal(t, want, f.sumOff, "frame %d", i)
	}
}

// The page embeds each chart that stands in a file, to the letter.
func TestChartsAreEmbedded(t *testing.T) {
	html := drawn()["report.html"]
	charts := 0
	for path, data := range drawn() {
		if filepath.Ext(path) != ".svg" {
			continue
		}
		charts++
		require.Equal(t, "http://www.w3.org/2000/svg", parse(t, data).all("svg")[0].attributes["xmlns"])
		_, body, ok := strings.Cut(string(data), `<rect class="paper" width="100%" height="100%"/>`)
		require.True(t, ok)
		require.True(t, bytes.Contains(html, []byte(strings.TrimSpace(body))), path)
	}
	require.Len(t, parse(t, html).all("svg"), charts)
}
