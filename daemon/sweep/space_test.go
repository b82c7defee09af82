package sweep

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/feast"
)

func TestValues(t *testing.T) {
	for _, c := range []struct {
		kind kind
		text string
		want string // values as text
	}{
		{whole, "8", "8"},
		{whole, "8, 16,32", "8 16 32"},
		{whole, "1..5", "1 2 3 4 5"},
		{whole, "0..10/3", "0 5 10"},
		{whole, "1..3/9", "1 2 3"}, // there are no others
		{period, "5ms,20ms,1500us", "5ms 20ms 1.5ms"},
		{period, "1ms..100ms/3", "1ms 10ms 100ms"},
		{real, "0.001..0.1/3", "0.001 0.01 0.1"},
		{real, "1..2/4", "1 1.3 1.6 2"},
		{real, "-0.5,0,1e-3", "-0.5 0 0.001"},
		{word, "skip,zero", "skip zero"},
	} {
		v, err := parseValues(c.kind, c.text)
		require.NoError(t, err, c.text)
		var texts []string
		for _, one := range v.list {
			texts = append(texts, c.kind.text(one))
		}
		require.Equal(t, c.want, strings.Join(texts, " "), c.text)
	}
}

func TestValuesThatAreNone(t *testing.T) {
	for text, says := range map[string]string{
		"neurons":             `"neurons": expected NAME=VALUES`,
		"size=4":              `"size": expected one of the parameters neurons, radius, tau, eta, delta-i, delta-e, threshold, mode, border, last, min-recent`,
		"neurons=":            `neurons: expected a whole number, found ""`,
		"neurons=4,,8":        `found ""`,
		"delta_i=x":           `delta-i: expected a number, found "x"`,
		"neurons=4.5":         `neurons: expected a whole number, found "4.5"`,
		"neurons=4,8,4":       `neurons: 4 stands twice in "4,8,4"`,
		"neurons=8..4":        "neurons: expected a range from less to more, found 8..4",
		"neurons=1..4000":     "neurons: expected a range of at most 1000 whole numbers",
		"neurons=1..8/1":      `neurons: expected 2 to 1000 values of a range, found "1"`,
		"neurons=1..8/9999":   `found "9999"`,
		"neurons=1..":         `neurons: expected a whole number, found ""`,
		"neurons=99999999999": "neurons: expected a whole number",
		"tau=20":              `tau: expected a time of whole microseconds, such as 20ms, found "20"`,
		"tau=1500ns":          `found "1500ns"`,
		"eta=0..0.1":          "eta: expected a range above 0, whose values stand at equal ratios, found one from 0: write a list",
		"eta=NaN":             `eta: expected a number, found "NaN"`,
		"eta=Inf":             `eta: expected a number, found "Inf"`,
		"border=":             "border: expected a name, found nothing",
	} {
		var s Space
		require.ErrorContains(t, s.Vary(text), says)
		require.Empty(t, s.Names())
	}
}

// A value that is drawn is one that people write, in its range, and read back as it is.
func TestDraws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := feast.Default()
		base.Seed = rapid.Uint64().Draw(t, "seed")
		s := Default()
		require.NoError(t, s.Vary("border=skip,zero"))
		configs, err := s.Random(base, 20)
		require.NoError(t, err)
		require.Len(t, configs, 21)
		require.Equal(t, base, configs[0])
		seen := map[string]bool{}
		for _, c := range configs {
			require.NoError(t, c.Validate())
			require.False(t, seen[key(c)])
			seen[key(c)] = true
			again := base
			texts := s.Texts(c)
			for i, name := range s.Names() {
				p, err := find(name)
				require.NoError(t, err)
				v, err := p.kind.parse(texts[i])
				require.NoError(t, err)
				p.set(&again, v)
			}
			require.Equal(t, c, again)
		}
		for _, c := range configs[1:] {
			require.Contains(t, []int{4, 8, 16, 32}, c.Neurons)
			require.GreaterOrEqual(t, c.Tau, 2*time.Millisecond)
			require.LessOrEqual(t, c.Tau, 100*time.Millisecond)
			require.LessOrEqual(t, len(fmt.Sprintf("%.1e", c.Eta)), 7)
			require.Equal(t, base.InitialThreshold, c.InitialThreshold)
		}
		// More of them begin with the same ones.
		more, err := s.Random(base, 30)
		require.NoError(t, err)
		require.Equal(t, configs, more[:21])
		base.Seed++
		other, err := s.Random(base, 20)
		require.NoError(t, err)
		require.NotEqual(t, key(configs[1]), key(other[1]))
	})
}

// A range is filled as it says: whole numbers evenly, others at equal ratios.
func TestDrawsFillTheRange(t *testing.T) {
	var s Space
	require.NoError(t, s.Vary("eta=0.0001..0.1"))
	require.NoError(t, s.Vary("neurons=1..100"))
	configs, err := s.Random(feast.Default(), 2000)
	require.NoError(t, err)
	eta, neurons := make([]int, 3), make([]int, 4)
	for _, c := range configs[1:] {
		switch {
		case c.Eta < 0.001:
			eta[0]++
		case c.Eta < 0.01:
			eta[1]++
		default:
			eta[2]++
		}
		neurons[(c.Neurons-1)/25]++
	}
	for _, n := range eta {
		require.InDelta(t, 2000.0/3, n, 100)
	}
	for _, n := range neurons {
		require.InDelta(t, 500, n, 90)
	}
}

// A space that is used up gives all it has.
func TestSmallSpace(t *testing.T) {
	var s Space
	require.NoError(t, s.Vary("neurons=8,16,32"))
	require.NoError(t, s.Vary("radius=4,5"))
	random, err := s.Random(feast.Default(), 500)
	require.NoError(t, err)
	grid, err := s.Grid(feast.Default())
	require.NoError(t, err)
	require.Len(t, grid, 6)
	require.ElementsMatch(t, grid, random)
	require.Equal(t, feast.Default(), grid[0])
	require.Equal(t, []string{"--neurons", "8", "--radius", "4"}, s.Flags(grid[1]))
	_, err = s.Random(feast.Default(), MaxTrials+1)
	require.ErrorContains(t, err, "10001 configurations: expected 1 to 10000")
}

func TestGrid(t *testing.T) {
	var s Space
	require.NoError(t, s.Vary("delta-i=0.001,0.002")) // as flags write it
	require.NoError(t, s.Vary("tau=1ms..100ms/3"))
	require.NoError(t, s.Vary("radius=1..2"))
	grid, err := s.Grid(feast.Default())
	require.NoError(t, err)
	require.Len(t, grid, 1+2*3*2)
	require.Equal(t, []string{"radius", "tau", "delta_i"}, s.Names())

	require.NoError(t, s.Vary("eta=0.001..0.1"))
	_, err = s.Grid(feast.Default())
	require.EqualError(t, err, "eta: expected a list or the number of a range's values in a grid, such as 0.001..0.1/5")
	require.NoError(t, s.Vary("eta=0.001..0.1/900"))
	require.NoError(t, s.Vary("neurons=1..900"))
	_, err = s.Grid(feast.Default())
	require.EqualError(t, err, "expected a grid of at most 10000 configurations, found more")

	_, err = (Space{}).Grid(feast.Default())
	require.EqualError(t, err, "expected a parameter to search over, found none")
	s = Space{}
	require.NoError(t, s.Vary("neurons=4,9999"))
	_, err = s.Grid(feast.Default())
	require.ErrorContains(t, err, "neurons 9999: expected 1 to 4096")
	_, err = s.Random(feast.Default(), 3)
	require.ErrorContains(t, err, "neurons 9999: expected 1 to 4096")
}

func TestReadSpace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "space.yaml")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write("# sizes\nneurons: [8, 16]\nradius: 1..3\ntau: 5ms..50ms/2\neta: 0.01\nborder: [zero]\n")
	s, err := ReadSpace(path)
	require.NoError(t, err)
	grid, err := s.Grid(feast.Default())
	require.NoError(t, err)
	require.Len(t, grid, 1+2*3*2)
	require.Equal(t, []string{"8", "1", "5ms", "0.01", "zero"}, s.Texts(grid[1]))
	for text, says := range map[string]string{
		"":                               "expected one or more of the parameters neurons, ",
		"neurons: [8, 16":                "[1:",
		"- 8":                            "space.yaml: ",
		"neurons: 8\nneurons: 16":        "already defined",
		"neurons: {low: 3}":              "neurons: expected a whole number, found",
		"neurones: 8":                    `"neurones": expected one of the parameters`,
		"neurons: null":                  "neurons: expected a whole number",
		"neurons: [[1], 2]":              "neurons: expected a whole number",
		strings.Repeat("#", 1<<20) + "#": "expected a file of at most 1048576 bytes",
	} {
		write(text)
		_, err := ReadSpace(path)
		require.ErrorContains(t, err, says, "%.20q", text)
		require.ErrorContains(t, err, "space.yaml: ")
	}
	_, err = ReadSpace(filepath.Dir(path))
	require.ErrorContains(t, err, "expected a file")
	_, err = ReadSpace(path + ".none")
	require.ErrorContains(t, err, "no such file")
}

// Whatever a file holds, it is a space whose configurations can be drawn, or an error.
func FuzzSpace(f *testing.F) {
	f.Add("neurons: [8, 16]\nradius: 1..3\n")
	f.Add("tau: 5ms..50ms/2\neta: 0.01\nborder: [zero]")
	f.Add("eta: 1e-300..1e300\nmode: on")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSpace([]byte(text[:min(len(text), 4096)]))
		if err != nil {
			return
		}
		base := feast.Default()
		if s.Validate(base) != nil {
			return
		}
		configs, err := s.Random(base, 5)
		require.NoError(t, err)
		for _, c := range configs {
			require.NoError(t, c.Validate())
		}
	})
}
