package edit_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

var (
	mends     = &events.FormatError{Format: "made", Offset: 1, Want: "this", Got: "that"}
	fatal     = &events.FormatError{Format: "made", Offset: 2, Want: "this", Got: "that", Fatal: true}
	errBroken = errors.New("the disk is broken")
)

var five = []events.Event{{T: 1}, {T: 2}, {T: 3}, {T: 4}, {T: 5}}

// What a source says of damage is handed on behind what was before it.
func TestDamage(t *testing.T) {
	for name, open := range map[string]func(src events.Reader) events.Reader{
		"window": func(src events.Reader) events.Reader { return edit.NewWindow(src, edit.Always, edit.Never) },
		"peek":   func(src events.Reader) events.Reader { return edit.NewPeek(src) },
		"merge":  func(src events.Reader) events.Reader { return edit.NewMerge(src) },
	} {
		for at, want := range map[int]int{0: 0, 1: 1, 3: 3, 5: 5} {
			for _, last := range []error{fatal, errBroken} {
				for capacity := range 7 {
					src := &made{in: five, damage: map[int]error{at: last}, most: 3}
					got, damage, end := elements(t, open(src), capacity+1)
					require.Equal(t, last, end, name)
					require.Empty(t, damage)
					require.Len(t, got, want, name)
				}
			}
			for capacity := range 7 {
				src := &made{in: five, damage: map[int]error{at: mends}, most: 3}
				got, damage, end := elements(t, open(src), capacity+1)
				require.Equal(t, io.EOF, end, name)
				require.Equal(t, []error{mends}, damage, name)
				require.Equal(t, weave(five, nil), got, name)
			}
		}
	}
}

// A lenient reader goes on, and ends well where nothing can be read; but not where what it
// reads from is broken.
func TestLenient(t *testing.T) {
	for capacity := range 7 {
		src := &made{in: five, damage: map[int]error{0: mends, 2: mends, 4: fatal}, most: 3}
		got, damage, end := elements(t, edit.NewLenient(src), capacity+1)
		require.Equal(t, io.EOF, end)
		require.Empty(t, damage)
		require.Equal(t, weave(five[:4], nil), got)
		src = &made{in: five, damage: map[int]error{4: errBroken}, most: 3}
		got, _, end = elements(t, edit.NewLenient(src), capacity+1)
		require.Equal(t, errBroken, end)
		require.Len(t, got, 4)
	}
}

// Damage of one source ends a merge where its next event would have been; a lenient source
// ends alone.
func TestMergeDamage(t *testing.T) {
	one := func() *made { return &made{in: []events.Event{{T: 10}, {T: 20}}, damage: map[int]error{1: fatal}} }
	other := func() *made { return &made{in: []events.Event{{T: 5}, {T: 15}, {T: 30}}} }
	got, _, end := elements(t, edit.NewMerge(one(), other()), 9)
	require.Equal(t, error(fatal), end)
	require.Len(t, got, 2)
	got, _, end = elements(t, edit.NewMerge(edit.NewLenient(one()), other()), 9)
	require.Equal(t, io.EOF, end)
	require.Len(t, got, 4)
}

func TestPeekTells(t *testing.T) {
	k := edit.NewPeek(&made{in: five, most: 2})
	first, ok := k.First()
	require.True(t, ok)
	require.Equal(t, five[0], first)
	for _, src := range []*made{{}, {in: five, damage: map[int]error{0: fatal}}} {
		_, ok = edit.NewPeek(src).First()
		require.False(t, ok)
	}
}
