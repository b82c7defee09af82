package pool_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// drawRecipe draws a valid recipe of a small sensor.
func drawRecipe(t *rapid.T) pool.Recipe {
	r := pool.Recipe{Pool: drawSpread(t, drawConfig(t))}
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		p := pool.Part{Kind: rapid.SampledFrom([]pool.Kind{pool.KindCounts, pool.KindBins, pool.KindDecayed}).Draw(t, "kind")}
		switch p.Kind {
		case pool.KindBins:
			var err error
			p.Edges, err = pool.Even(rapid.IntRange(1, 4).Draw(t, "bins"), time.Duration(rapid.IntRange(1, 1000).Draw(t, "width"))*time.Millisecond)
			require.NoError(t, err)
		case pool.KindDecayed:
			p.Tau = rapid.Int64Range(1, 1e6).Draw(t, "tau")
		default:
		}
		r.Parts = append(r.Parts, p)
	}
	return r
}

// A recipe's descriptor is as long as the recipe says, the same whichever way the
// recipe went, and goes on from its state with the same bits.
func TestRecipe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecipe(t)
		d, err := r.New()
		require.NoError(t, err)
		require.Equal(t, r.Len(), d.Len())
		text, err := json.Marshal(r)
		require.NoError(t, err)
		var read pool.Recipe
		require.NoError(t, json.Unmarshal(text, &read))
		require.True(t, r.Equal(read), "%s", text)
		require.True(t, r.Equal(r.Canonical()))

		in, winners := drawStream(t, r.Pool.Geometry, newPool(t, r.Pool).Config().Features)
		at := rapid.IntRange(0, len(in)).Draw(t, "at")
		d.Add(in[:at], winners[:at])
		state, err := d.MarshalBinary()
		require.NoError(t, err)
		other, err := read.New()
		require.NoError(t, err)
		other.Add(in[at:], winners[at:]) // forgotten by what follows
		require.NoError(t, other.UnmarshalBinary(state))
		again, err := other.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, state, again)
		d.Add(in[at:], winners[at:])
		other.Add(in[at:], winners[at:])
		require.Equal(t, d.Vector(nil), other.Vector(nil))

		// The parts one by one give the same numbers.
		var want []float32
		for i := range max(len(r.Parts), 1) {
			one := pool.Recipe{Pool: r.Pool, Parts: r.Parts[min(i, len(r.Parts)):min(i+1, len(r.Parts))]}
			alone, err := one.New()
			require.NoError(t, err)
			alone.Add(in, winners)
			want = append(want, alone.Vector(nil)...)
		}
		require.Equal(t, want, d.Vector(nil))
	})
}

func TestRecipeOfCountsIsAPool(t *testing.T) {
	c := pool.Config{Geometry: events.Geometry{Width: 9, Height: 9}, Features: 3}
	for _, parts := range [][]pool.Part{nil, {{Kind: pool.KindCounts}}} {
		r := pool.Recipe{Pool: c, Parts: parts}
		d, err := r.New()
		require.NoError(t, err)
		require.IsType(t, new(pool.Pool), d)
		require.Empty(t, r.Canonical().Parts)
		require.Equal(t, pool.DefaultCell, r.Canonical().Pool.CellWidth)
		require.Equal(t, "counts", r.String())
	}
	r := pool.Recipe{Pool: c, Parts: []pool.Part{
		{Kind: pool.KindCounts}, {Kind: pool.KindBins, Edges: []int64{5, 10}}, {Kind: pool.KindDecayed, Tau: 30_000},
	}}
	require.Equal(t, "counts + 3 bins + decayed 30ms", r.String())
	require.Equal(t, 5*4*3, r.Len())
	other := r
	other.Parts = append([]pool.Part(nil), r.Parts...)
	other.Parts[1].Edges = []int64{5, 11}
	require.False(t, r.Equal(other))
}

func TestRecipeIsRefused(t *testing.T) {
	c := pool.Config{Geometry: events.Geometry{Width: 9, Height: 9}, Features: 3}
	large := c
	large.Geometry = events.Geometry{Width: 4096, Height: 4096}
	large.CellWidth, large.CellHeight, large.Features = 2, 2, 3
	for says, r := range map[string]pool.Recipe{
		"geometry 0x0":                               {},
		`part 0: pool: unknown kind "sums"`:          {Pool: c, Parts: []pool.Part{{Kind: "sums"}}},
		`edges belong to "bins"`:                     {Pool: c, Parts: []pool.Part{{Kind: pool.KindCounts, Edges: []int64{4}}}},
		`a tau belongs to "decayed"`:                 {Pool: c, Parts: []pool.Part{{Kind: pool.KindBins, Tau: 4}}},
		"part 1: pool: tau of 0 us":                  {Pool: c, Parts: []pool.Part{{Kind: pool.KindCounts}, {Kind: pool.KindDecayed}}},
		"edge 1 at 4 us":                             {Pool: c, Parts: []pool.Part{{Kind: pool.KindBins, Edges: []int64{4, 4}}}},
		"17 parts: expected 16 at most":              {Pool: c, Parts: make([]pool.Part, pool.MaxParts+1)},
		"2 parts make a vector of 25165824: at most": {Pool: large, Parts: []pool.Part{{Kind: pool.KindCounts}, {Kind: pool.KindCounts}}},
	} {
		require.ErrorContains(t, r.Validate(), says)
		_, err := r.New()
		require.ErrorContains(t, err, says)
	}
	for _, bins := range []int{0, -1, pool.MaxBins + 1} {
		_, err := pool.Even(bins, time.Millisecond)
		require.ErrorContains(t, err, "expected 1 to 1024")
	}
	for _, width := range []time.Duration{0, -time.Second, time.Nanosecond, 25 * time.Hour} {
		_, err := pool.Even(3, width)
		require.ErrorContains(t, err, "expected 1 us to 24h0m0s")
	}
	edges, err := pool.Even(3, 105*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, []int64{105_000, 210_000}, edges)
}

// counted is a descriptor with something in it.
func counted(t testing.TB, r pool.Recipe) pool.Stateful {
	t.Helper()
	d, err := r.New()
	require.NoError(t, err)
	for i := range 50 {
		d.Add([]events.Event{{T: int64(i), X: uint16(i % 9), Y: uint16(i % 7)}}, []int16{int16(i % 3)})
	}
	return d
}

// A part that is refused leaves those before it as they were.
func TestRefusedConcatKeepsWhatItHad(t *testing.T) {
	c := pool.Config{Geometry: events.Geometry{Width: 9, Height: 9}, Features: 3}
	r := pool.Recipe{Pool: c, Parts: []pool.Part{{Kind: pool.KindCounts}, {Kind: pool.KindDecayed, Tau: 10}}}
	other := pool.Recipe{Pool: c, Parts: []pool.Part{{Kind: pool.KindCounts}, {Kind: pool.KindDecayed, Tau: 11}}}
	d, err := r.New()
	require.NoError(t, err)
	before, err := d.MarshalBinary()
	require.NoError(t, err)
	strange, err := counted(t, other).MarshalBinary()
	require.NoError(t, err)
	require.ErrorContains(t, d.UnmarshalBinary(strange), "part 1: pool: the state is of another configuration")
	after, err := d.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, before, after)
	for n := range len(strange) {
		require.Error(t, d.UnmarshalBinary(strange[:n]))
	}
	require.ErrorContains(t, (pool.Concat{d}).UnmarshalBinary(strange), "expected 1 parts, found 2")

	foreign := pool.Concat{struct{ pool.Descriptor }{d}}
	_, err = foreign.MarshalBinary()
	require.ErrorContains(t, err, "part 0: pool: a descriptor of other packages")
}

// FuzzConcatState gives states with any content: refused, or what they give is
// written back the same.
func FuzzConcatState(f *testing.F) {
	c := pool.Config{Geometry: events.Geometry{Width: 9, Height: 9}, Features: 3}
	r := pool.Recipe{Pool: c, Parts: []pool.Part{
		{Kind: pool.KindCounts}, {Kind: pool.KindBins, Edges: []int64{20}}, {Kind: pool.KindDecayed, Tau: 10},
	}}
	state, err := counted(f, r).MarshalBinary()
	require.NoError(f, err)
	f.Add(state)
	f.Add([]byte("scat" + strings.Repeat("\x00", 12)))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := counted(t, r)
		before, err := d.MarshalBinary()
		require.NoError(t, err)
		want := data
		if d.UnmarshalBinary(data) != nil {
			want = before
		}
		after, err := d.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, want, after)
	})
}

// A pool as bins counts in the pool.
func TestAsBins(t *testing.T) {
	c := pool.Config{Geometry: events.Geometry{Width: 9, Height: 9}, Features: 3}
	p := newPool(t, c)
	var changes [4]pool.Change
	_, n := p.AsBins().AddOne(events.Event{X: 4}, 2, &changes)
	require.Equal(t, 1, n)
	require.EqualValues(t, 1, p.Counts(nil)[2])
	require.Equal(t, p.Vector(nil), p.AsBins().Vector(nil))
}
