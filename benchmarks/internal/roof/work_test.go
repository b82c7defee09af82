package roof

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// known is a unit with peaks that were not measured but given, a second, for memory as
// much as the works go over.
func known(rates [resources]int, works ...Work) *Unit {
	u := &Unit{Bits: 512, peaks: map[peakKey]*Peak{}}
	in := func(rate int) way { return way{amount: rate, runs: &Runs{Calls: 1, best: time.Second, runs: peakRuns}} }
	for r := range resources {
		p := &Peak{ways: []way{in(rates[r] / 2), in(rates[r])}}
		for _, w := range works {
			set := map[Resource]int{Load: w.Loads.Set, Store: w.Stores.Set}[r]
			u.peaks[keyOf(r, set)] = p
		}
	}
	return u
}

func TestBoundIsTheLongest(t *testing.T) {
	w := Match(100, 13*13)
	w.Products[Mul32] = 300
	// Loads take 2 s, stores half a second, the products 3 s and 1 s.
	u := known([resources]int{
		Load: int(w.Loads.Bytes) / 2, Store: int(w.Stores.Bytes) * 2,
		MulAdd16: 4 * 100 * 169 / 3, Mul32: 300,
	}, w)
	b := u.Bound(w)
	require.InDelta(t, 2, b.Load, 1e-3)
	require.InDelta(t, 0.5, b.Store, 1e-3)
	require.InDelta(t, 3+1, b.Multiply, 1e-3)
	require.Equal(t, b.Multiply, b.Seconds())

	more := b.Plus(0.5, Bound{Load: 10, Store: 2, Multiply: 1})
	require.InDelta(t, 7, more.Load, 1e-3)
	require.InDelta(t, 1.5, more.Store, 1e-3)
	require.InDelta(t, 4.5, more.Multiply, 1e-3)
	require.Equal(t, more.Load, more.Seconds())
}

func TestAnEventIsItsParts(t *testing.T) {
	const neurons, elements = 16, 11 * 11
	u := known([resources]int{Load: 64, Store: 32, MulAdd16: 32, Mul16: 32, Mul32: 16},
		Context(elements, elements), Match(neurons, elements), Learn(neurons, elements))
	context := elements * (1./32 + 4./32 + 1./16)
	match := neurons * elements / 32.
	learn := elements * (3./32 + 1./32)
	require.InDelta(t, context+match, u.Event(neurons, elements, 0).Multiply, 1e-6)
	require.InDelta(t, context+match+0.75*learn, u.Event(neurons, elements, 0.75).Multiply, 1e-6)
	require.InDelta(t, elements*4/64.+(16+4)*128*2/4/64.+128*6/64., u.Event(neurons, elements, 1).Load, 1e-6)
	require.InDelta(t, elements*2/32.+16*4/32.+128*6/32., u.Event(neurons, elements, 1).Store, 1e-6)
}

func TestMatchCountsWhatItIsSaidTo(t *testing.T) {
	w := Match(100, 13*13)
	require.Equal(t, Traffic{Bytes: (100 + 4) * 192 * 2, Set: (100 + 4) * 192 * 2}, w.Loads)
	require.Equal(t, Traffic{Bytes: 4 * 100 * 4, Set: 4 * 100 * 4}, w.Stores)
	require.Equal(t, [resources]float64{MulAdd16: 4 * 100 * 169}, w.Products)
	require.Equal(t, float64(104*192*2+1600), w.Bytes())
	require.Equal(t, float64(4*100*169), w.Multiplications())

	one := MatchOne(99, 13*13)
	require.Equal(t, Traffic{Bytes: (100 + 1) * 192 * 2, Set: (100 + 1) * 192 * 2}, one.Loads, "rows of four neurons")
	require.Equal(t, [resources]float64{MulAdd16: 99 * 169}, one.Products)
}

func TestLearnGoesOverAllNeurons(t *testing.T) {
	w := Learn(16, 11*11)
	require.Equal(t, Traffic{Bytes: 128 * 6, Set: 128*4*16 + 128*2}, w.Loads)
	require.Equal(t, Traffic{Bytes: 128 * 6, Set: 128 * 6 * 16}, w.Stores)
	require.Equal(t, [resources]float64{MulAdd16: 363, Mul16: 121}, w.Products)
}

func TestContextCountsThePatch(t *testing.T) {
	w := Context(11*11, 34*34)
	require.Equal(t, Traffic{Bytes: 121 * 4, Set: 34 * 34 * 4}, w.Loads)
	require.Equal(t, Traffic{Bytes: 121 * 2, Set: 121 * 2}, w.Stores)
	require.Equal(t, [resources]float64{MulAdd16: 121, Mul16: 484, Mul32: 121}, w.Products)
}

func TestColumnsCountOnlyWhatChanged(t *testing.T) {
	w := Columns(1156, 256, 116, 2)
	require.Equal(t, Traffic{Bytes: 116*256*2 + 256*4 + 116*8, Set: 1156*256*2 + 256*4 + 116*8}, w.Loads)
	require.Equal(t, Traffic{Bytes: 256 * 4, Set: 256 * 4}, w.Stores)
	require.Equal(t, [resources]float64{MulAdd16: 116 * 256}, w.Products)
}

func TestMeasuringCanOnlyRaisePeaks(t *testing.T) {
	eachUnit(t, func(t *testing.T, u *Unit) {
		load, multiply := u.Peak(Load, 1<<10), u.Peak(Mul16, 0)
		for range 10 {
			before := [2]float64{load.Rate(), multiply.Rate()}
			runs := load.ways[0].runs.Count()
			u.Measure()
			require.Equal(t, runs+1, load.ways[0].runs.Count())
			require.GreaterOrEqual(t, load.Rate(), before[0])
			require.GreaterOrEqual(t, multiply.Rate(), before[1])
		}
	})
}
