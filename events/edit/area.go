package edit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// ParseArea reads an area as X,Y,WIDTHxHEIGHT, in pixels from the upper left corner. It lies
// within the largest sensor.
func ParseArea(s string) (Area, error) {
	fail := func() (Area, error) {
		return Area{}, fmt.Errorf("expected X,Y,WIDTHxHEIGHT within %dx%d pixels, found %.40q", events.MaxSide, events.MaxSide, s)
	}
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return fail()
	}
	width, height, _ := strings.Cut(parts[2], "x")
	var v [4]int
	for i, text := range []string{parts[0], parts[1], width, height} {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return fail()
		}
		v[i] = int(n)
	}
	a := Area{v[0], v[1], events.Geometry{Width: v[2], Height: v[3]}}
	if !a.Valid() || a.Within(events.Geometry{Width: events.MaxSide, Height: events.MaxSide}) != nil {
		return fail()
	}
	return a, nil
}

// UnmarshalText reads an area as ParseArea does.
func (a *Area) UnmarshalText(text []byte) (err error) {
	*a, err = ParseArea(string(text))
	return err
}
