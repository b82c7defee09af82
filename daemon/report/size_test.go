package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// someSizes is a curve of two banks with a bend.
func someSizes() Sizes {
	s := Sizes{Device: "purego", Chosen: 8, Table: []Row{{"Noise mixed in", "0.5 Hz a pixel"}}}
	for b, name := range []string{"OFF", "ON"} {
		bank := SizeBank{Name: name, Asks: 8 - 4*b}
		for i, n := range []int{2, 4, 8, 16} {
			bank.Points = append(bank.Points, SizePoint{
				Neurons: n, Separation: []float64{0.01, 0.05, 0.311, 0.32}[i] + 0.1*float64(b), SeparationSpread: 0.02,
				Taken: float64(i), NoiseFeatures: 1.5 * float64(i+1), Caught: 0.2 * float64(i), Lost: 0.0123 * float64(i),
				NoiseCosine: 0.4 + 0.1*float64(i), StructureCosine: 0.6 + 0.05*float64(i),
			})
		}
		s.Banks = append(s.Banks, bank)
	}
	return s
}

func writeSizes(t *testing.T, s Sizes) *element {
	t.Helper()
	path := filepath.Join(t.TempDir(), "size.html")
	require.NoError(t, WriteSizes(path, s))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return parse(t, data)
}

func TestSizesPage(t *testing.T) {
	page := writeSizes(t, someSizes())
	header := page.all("header")[0].text
	for _, says := range []string{"How many neurons", "computed on purego", "8", "Neurons of each bank", "a clear choice, nothing about it is doubtful", "40.0\u00a0% caught", "2.46\u00a0% of the structure lost; 0.311 bits; alone it asks for 8"} {
		require.Contains(t, header, says)
	}
	require.Len(t, page.all("svg"), 4)
	require.Empty(t, page.all("script"))
	for _, svg := range page.all("svg") {
		require.Contains(t, svg.text, "8 chosen")
		require.Contains(t, svg.text, "OFF")
	}
	// A row for each bank of each size, and one of the run's.
	rows := page.byID(t, "numbers").all("tr")
	require.Len(t, rows, 1+2*4+1)
	require.Contains(t, rows[1+2*2].text, "8 ←")
	require.Contains(t, rows[1+2*2].text, "0.311 ± 0.020")
	require.NotContains(t, page.text, "What is doubtful")

	s := someSizes()
	s.Doubts = []string{"the runs <differ>"}
	doubts := writeSizes(t, s).byID(t, "doubts").text
	require.Contains(t, doubts, "What is doubtful")
	require.Contains(t, doubts, "the runs <differ>.")
	s.Chosen = 0
	page = writeSizes(t, s)
	require.Contains(t, page.byID(t, "doubts").text, "Why no size was chosen")
	require.Contains(t, page.all("header")[0].text, "undecided")
	require.NotContains(t, page.text, " chosen\n8")
}

// The charts' points stand where their values are.
func TestSizeCharts(t *testing.T) {
	s := someSizes()
	x := sizeAxis(s.Banks[0].Points, 0, 300)
	require.InDelta(t, 0, x.At(2), 1e-9)
	require.InDelta(t, 100, x.At(4), 1e-9)
	require.InDelta(t, 300, x.At(16), 1e-9)
	require.Len(t, x.Ticks, 4)

	many := make([]SizePoint, 200)
	for i := range many {
		many[i].Neurons = i + 1
	}
	x = sizeAxis(many, 0, 300)
	require.Less(t, len(x.Ticks), 20)
	for i := 1; i < len(x.Ticks); i++ {
		require.Greater(t, x.At(x.Ticks[i].Value)-x.At(x.Ticks[i-1].Value), 8.0)
	}
	one := sizeAxis(many[:1], 0, 300)
	require.InDelta(t, 0, one.At(1), 1e-9)
}

// Names of lines that end at one place do not lie over each other, nor outside.
func TestEndLabels(t *testing.T) {
	s := someSizes()
	for b := range s.Banks {
		for i := range s.Banks[b].Points {
			p := &s.Banks[b].Points[i]
			p.StructureCosine, p.NoiseCosine = 0, 0
		}
	}
	svg := writeSizes(t, s).all("svg")[3]
	var at []float64
	for _, e := range svg.all("text") {
		if strings.HasPrefix(e.attributes["class"], "named") {
			var y float64
			_, err := fmt.Sscan(e.attributes["y"], &y)
			require.NoError(t, err)
			at = append(at, y)
		}
	}
	require.Len(t, at, 4)
	slices.Sort(at)
	for i := range at {
		require.LessOrEqual(t, at[i], chartHeight-chartBottom+5)
		if i > 0 {
			require.GreaterOrEqual(t, at[i]-at[i-1], 14.9)
		}
	}
}

func TestSizesOfNoNumbers(t *testing.T) {
	s := someSizes()
	for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		p := &s.Banks[0].Points[i]
		p.Separation, p.SeparationSpread, p.Taken, p.NoiseFeatures, p.Caught, p.Lost = v, v, v, v, v, v
		p.NoiseCosine, p.StructureCosine = v, v
	}
	page := writeSizes(t, s)
	require.Len(t, page.all("svg"), 4)
	for _, svg := range page.all("svg") {
		for _, e := range svg.all("path") {
			require.NotContains(t, e.attributes["d"], "NaN")
		}
	}
}

func TestSizesHostileText(t *testing.T) {
	s := someSizes()
	const hostile = "</svg><script>alert(1)</script>\u202e\x00"
	s.Title, s.Device, s.Doubts = hostile, hostile, []string{hostile}
	s.Table = []Row{{hostile, hostile}}
	s.Banks[0].Name = hostile
	page := writeSizes(t, s)
	require.Empty(t, page.all("script"))
	require.Equal(t, hostile, s.Banks[0].Name, "the caller's own is left as it is")
	require.NotContains(t, page.text, "\u202e")
}

func TestSizesThatDoNotFitTogether(t *testing.T) {
	for says, change := range map[string]func(*Sizes){
		"expected 1 to 16 banks, found 0":          func(s *Sizes) { s.Banks = nil },
		"bank 1: expected 1 to 256 points":         func(s *Sizes) { s.Banks[1].Points = s.Banks[1].Points[:2] },
		"bank 0: expected 1 to 256 points":         func(s *Sizes) { s.Banks[0].Points = nil },
		"bank 0, point 1: expected sizes that gro": func(s *Sizes) { s.Banks[0].Points[1].Neurons = 2 },
		"bank 1, point 3: expected sizes that gro": func(s *Sizes) { s.Banks[1].Points[3].Neurons = 32 },
	} {
		s := someSizes()
		change(&s)
		path := filepath.Join(t.TempDir(), "size.html")
		require.ErrorContains(t, WriteSizes(path, s), says)
		require.NoFileExists(t, path)
	}
	require.Error(t, WriteSizes(filepath.Join(t.TempDir(), "none", "size.html"), someSizes()))
}

func TestSameSizesSameBytes(t *testing.T) {
	one, err := renderSizes(someSizes())
	require.NoError(t, err)
	two, err := renderSizes(someSizes())
	require.NoError(t, err)
	require.Equal(t, one, two)
}

// A single run has no spread, and the page does not say that it is zero.
func TestSizesOfASingleRun(t *testing.T) {
	require.Equal(t, "0.311", withSpread(0.311, math.NaN()))
	require.Equal(t, "0.311 ± 0.020", withSpread(0.311, 0.02))
	require.Zero(t, drawnSpread(SizePoint{SeparationSpread: math.NaN()}))
}
