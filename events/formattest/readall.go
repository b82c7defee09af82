package formattest

import (
	"errors"
	"fmt"
	"io"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// ReadAll reads to the end in packets of so many events and sees that the contract of
// [events.Reader] is kept on the way: packets are emptied first and filled in their
// own memory; none is empty without an error; io.EOF comes alone and as itself; the
// end stays the end; damage says where, what was expected and what was found, and is
// left behind; every event lies on the sensor that the header tells of at the end. It
// gives the events, the damage that was read on behind, and the end: io.EOF, a fatal
// *events.FormatError, or what the source failed with.
func ReadAll(t require.TestingT, r events.Reader, capacity int) (in []events.Event, damage []*events.FormatError, end error) {
	helper(t)
	w := newWatched(t, capacity)
	name := r.Header().Format
	var before *events.FormatError
	for {
		err := w.read(r)
		in = append(in, w.p.Events...)
		if h := r.Header(); h.Format != name {
			require.Failf(t, "the format's name changed", "from %q to %q", name, h.Format)
		}
		var fe *events.FormatError
		switch {
		case errors.As(err, &fe):
			checkDamage(t, fe, name)
			if fe.Fatal {
				w.checkEnd(r, err)
				checkEvents(t, r, in)
				return in, damage, err
			}
			if before != nil && *fe == *before {
				require.Failf(t, "the same damage twice: the reader does not go on behind it", "%v", fe)
			}
			before = fe
			damage = append(damage, fe)
		case err != nil:
			if errors.Is(err, io.EOF) && (err != io.EOF || len(w.p.Events) > 0) { //nolint:errorlint // itself, not what wraps it
				require.Failf(t, "io.EOF comes alone, and as itself", "%v with %d events", err, len(w.p.Events))
			}
			w.checkEnd(r, err)
			checkEvents(t, r, in)
			return in, damage, err
		case len(w.p.Events) == 0:
			require.Fail(t, "a packet without an event and without an error")
		}
	}
}

// Says gives what damage says, for comparing with texts; nil where there is none.
func Says(damage []*events.FormatError) []string {
	var out []string
	for _, fe := range damage {
		out = append(out, fe.Error())
	}
	return out
}

// checkDamage sees that damage says all that it should.
func checkDamage(t require.TestingT, fe *events.FormatError, name string) {
	helper(t)
	if fe.Format != name || fe.Want == "" || fe.Got == "" || fe.Offset < 0 {
		require.Failf(t, "damage that does not say what it is", "%+v, read as %q", fe, name)
	}
}

// checkEvents sees that events lie on the sensor, and are of one of two polarities.
func checkEvents(t require.TestingT, r events.Reader, in []events.Event) {
	helper(t)
	bounds := r.Header().Geometry
	if bounds != (events.Geometry{}) && !bounds.Valid() {
		require.Failf(t, "a geometry that no sensor has", "%+v", bounds)
	}
	if !bounds.Known() {
		bounds = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	for i, e := range in {
		if !bounds.Contains(e.X, e.Y) || e.P > events.On {
			require.Failf(t, "an event off the sensor, or of no polarity", "event %d: %+v on %dx%d", i, e, bounds.Width, bounds.Height)
		}
	}
	for kind, n := range r.Skipped() {
		if kind == "" || n <= 0 {
			require.Failf(t, "what was skipped is counted by kind, where there was some", "%q: %d", kind, n)
		}
	}
}

// helper marks the caller as one whose caller's line is shown, where t can do so.
func helper(t require.TestingT) {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
}

func describe(e events.Event) string { return fmt.Sprintf("%d %d %d %d", e.T, e.X, e.Y, e.P) }
