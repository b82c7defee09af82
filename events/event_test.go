package events_test

import (
	"errors"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

func TestEventTakesSixteenBytes(t *testing.T) {
	require.Equal(t, uintptr(16), unsafe.Sizeof(events.Event{}))
}

func TestPolarity(t *testing.T) {
	require.Equal(t, "OFF", events.Off.String())
	require.Equal(t, "ON", events.On.String())
}

func TestGeometry(t *testing.T) {
	for _, c := range []struct {
		g            events.Geometry
		known, valid bool
	}{
		{events.Geometry{}, false, false},
		{events.Geometry{Width: 1, Height: 1}, true, true},
		{events.Geometry{Width: 34}, false, false},
		{events.Geometry{Height: 34}, false, false},
		{events.Geometry{Width: -1, Height: 5}, false, false},
		{events.Geometry{Width: events.MaxSide, Height: events.MaxSide}, true, true},
		{events.Geometry{Width: events.MaxSide + 1, Height: 1}, true, false},
		{events.Geometry{Width: 1, Height: events.MaxSide + 1}, true, false},
	} {
		require.Equal(t, c.known, c.g.Known(), "%+v", c.g)
		require.Equal(t, c.valid, c.g.Valid(), "%+v", c.g)
	}
	g := events.Geometry{Width: 3, Height: 2}
	for y := range uint16(4) {
		for x := range uint16(4) {
			require.Equal(t, x < 3 && y < 2, g.Contains(x, y), "x %d, y %d", x, y)
		}
	}
	require.False(t, g.Contains(65535, 0))
	require.False(t, events.Geometry{}.Contains(0, 0))
}

func TestPacket(t *testing.T) {
	p := events.NewPacket(3)
	require.Equal(t, 3, p.Room())
	p.Events = append(p.Events, events.Event{T: 1}, events.Event{T: 2})
	require.Equal(t, 1, p.Room())
	p.Reset()
	require.Equal(t, 3, p.Room())
	require.Empty(t, p.Events)
	for _, n := range []int{0, -1} {
		require.PanicsWithValue(t, events.PanicPacketCapacity, func() { events.NewPacket(n) })
	}
}

func TestFormatError(t *testing.T) {
	e := &events.FormatError{Format: "evt9", Offset: 12, Want: "an event", Got: "nothing"}
	require.EqualError(t, e, "evt9 at byte 12: expected an event, found nothing")
	e.Source = "a.raw"
	require.EqualError(t, e, "a.raw: evt9 at byte 12: expected an event, found nothing")
	require.NotErrorIs(t, e, errors.ErrUnsupported)
}
