package formattest

import (
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// DecodeAll decodes a message in as many calls as packets of so many events take, as the
// daemon does, and sees that the contract of [events.Decoder] is kept on the way:
// events are appended to what is there, in the packet's own memory; every one lies on
// the sensor; each call makes headway; damage is said where it stands within what was
// handed over, and left behind. It gives the events and the damage, whose offsets
// count from the start of the message.
func DecodeAll(t require.TestingT, d events.Decoder, h events.MessageHeader, data []byte, capacity int) (in []events.Event, damage []events.FormatError) {
	helper(t)
	// One event more stands in front, which is not the decoder's.
	w := newWatched(t, capacity+1)
	for at := 0; ; {
		w.p.Events = append(w.p.Events[:0], stale)
		n, err := d.Decode(h, data[at:], w.p)
		w.check()
		if n < 0 || at+n > len(data) {
			require.Failf(t, "a decoder takes what there is", "%d bytes of %d", n, len(data)-at)
		}
		if len(w.p.Events) == 0 || w.p.Events[0] != stale {
			require.Fail(t, "a decoder appends to what is there")
		}
		got := w.p.Events[1:]
		for _, e := range got {
			if !h.Geometry.Contains(e.X, e.Y) || e.P > events.On {
				require.Failf(t, "an event off the sensor, or of no polarity", "%+v on %dx%d", e, h.Geometry.Width, h.Geometry.Height)
			}
		}
		in = append(in, got...)
		if err != nil {
			damage = append(damage, messageDamage(t, err, n, at, len(data)))
		}
		at += n
		switch {
		case at == len(data):
			return in, damage
		case n == 0 && (len(got) == 0 || err != nil):
			require.Failf(t, "no headway", "at byte %d of %d: %v", at, len(data), err)
		}
	}
}

// messageDamage sees that damage lies in what was handed over from byte at on, of
// which n bytes were taken, and gives it with its place in the message.
func messageDamage(t require.TestingT, err error, n, at, size int) events.FormatError {
	helper(t)
	var fe *events.FormatError
	require.ErrorAs(t, err, &fe)
	moved := *fe
	moved.Offset += int64(at)
	switch {
	case fe.Format == "" || fe.Want == "" || fe.Got == "":
		require.Failf(t, "damage that does not say what it is", "%+v", fe)
	case fe.Offset < 0 || fe.Offset >= max(1, int64(size-at)):
		require.Failf(t, "damage lies in the message", "%v, and there are %d bytes from %d on", fe, size-at, at)
	case fe.Offset >= int64(n) && size > at:
		require.Failf(t, "damage is left behind", "%v, and %d bytes were taken", fe, n)
	case fe.Fatal && at+n != size:
		require.Failf(t, "nothing is read behind what is fatal", "%v, and %d bytes are left", fe, size-at-n)
	}
	return moved
}
