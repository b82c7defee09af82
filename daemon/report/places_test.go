package report

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// Every pixel of a sensor is in one square, squares hold no more pixels than they
// say, and none is left without any.
func TestFieldHoldsEveryPixelOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := events.Geometry{Width: rapid.IntRange(1, 90).Draw(t, "width"), Height: rapid.IntRange(1, 90).Draw(t, "height")}
		most := rapid.IntRange(1, 100).Draw(t, "most")
		f := FieldOf(g, most)
		require.LessOrEqual(t, max(f.Columns(), f.Rows()), most)
		count := make([]int, f.Cells())
		for y := range g.Height {
			for x := range g.Width {
				cell, ok := f.Cell(uint16(x), uint16(y))
				require.True(t, ok)
				count[cell]++
			}
		}
		for _, n := range count {
			require.Positive(t, n)
			require.LessOrEqual(t, n, f.Block*f.Block)
		}
		_, ok := f.Cell(uint16(g.Width), 0)
		require.False(t, ok, "beside the sensor")
		require.Equal(t, f.Cells(), Field{g, f.Block}.Cells())
	})
	require.Equal(t, 12, Field{Geometry: events.Geometry{Width: 4, Height: 3}}.Cells(), "0 is squares of a pixel")
}

func TestPlacesAsPicture(t *testing.T) {
	palette, err := placePalette()
	require.NoError(t, err)
	f := Field{Geometry: events.Geometry{Width: 20, Height: 10}}
	counts := make([]int64, 200)
	for i := range 150 {
		counts[i] = 100
	}
	counts[0], counts[1], counts[150] = 1_000_000, 50, 1
	p := drawPlaces(counts, f, palette)
	require.Equal(t, 20, p.Rect.Dx())
	require.Equal(t, uint8(placeLevels-1), p.Pix[0], "a hot pixel is as bright as can be")
	require.Equal(t, uint8(placeLevels-1), p.Pix[2], "and does not darken the others")
	require.InDelta(t, placeLevels/2, p.Pix[1], 1)
	require.Equal(t, uint8(1), p.Pix[150], "one event is not none")
	require.Zero(t, p.Pix[151])
	for i := 1; i < placeLevels; i++ {
		require.GreaterOrEqual(t, lstar(opaque(palette[i])), lstar(opaque(palette[i-1]))-0.5, "level %d", i)
	}
	require.Equal(t, "1014851 events, most (1000000) at x 0, y 0", mapHint(counts, f))
	require.Equal(t, "nowhere", mapHint(make([]int64, 200), f))
}

// A map stands below its feature, on the page and on the sheet.
func TestPlacesOnThePage(t *testing.T) {
	run := synthetic()
	section := parse(t, drawn()["report.html"]).byID(t, "features")
	require.Contains(t, section.text, "Under it, where on the sensor it won (34×30 pixels)")
	sheet := decode(t, drawn()["features-on.png"])
	palette, err := placePalette()
	require.NoError(t, err)
	for k, figure := range section.all("figure")[16:] {
		img := figure.all("img")[1]
		require.Equal(t, "place", img.attributes["class"])
		require.Contains(t, img.attributes["alt"], "where ON, neuron")
		place := decodeURI(t, img.attributes["src"])
		want := drawPlaces(run.Layer.Banks[1].Places[k], run.Layer.Field, palette)
		require.True(t, same(place, 0, 0, want), "neuron %d", k)
		large := enlarge(want, 3)
		require.True(t, same(sheet, 20+k%8*116, 64+k/8*258+99+4, large), "neuron %d on the sheet", k)
	}
	run.Layer.Banks[0].Places = nil
	v, _, err := drawFeatures(run.Layer, portionOf(0, 1), faces(t))
	require.NoError(t, err)
	require.Empty(t, v.Banks[0].Tiles[0].Place, "a bank may have none")
	require.NotEmpty(t, v.Banks[1].Tiles[0].Place)
}

// The colours that a picture has are kept, and no others.
func TestCompactedPictures(t *testing.T) {
	c, err := newColours()
	require.NoError(t, err)
	p := drawTile([]float64{0, 0.5, 1, 0.5}, 2, 1, span{0, 1}, c)
	small := compacted(p)
	require.Len(t, small.Palette, 3)
	require.True(t, same(small, 0, 0, p))
}
