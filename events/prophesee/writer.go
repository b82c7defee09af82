package prophesee

import (
	"bufio"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Writer writes a RAW file.
type Writer struct {
	name   string
	w      *bufio.Writer
	words  Words
	buf    []byte
	events int64
}

// maxHighs bounds the high parts written between two events: in EVT 3.0 a gap of
// 101 days, in EVT 2.0 one of centuries, so that times since 1970 fit.
const maxHighs = 1 << 20

// NewWriter writes the header of a RAW file and makes a writer of its events.
func NewWriter(name string, w io.Writer, h events.Header, words Words) (*Writer, error) {
	g := h.Geometry
	if g != (events.Geometry{}) && (!g.Valid() || g.Width > MaxCoordinate+1 || g.Height > MaxCoordinate+1) {
		return nil, fmt.Errorf("%s holds 1x1 to %dx%d pixels, and the recording has %dx%d",
			name, MaxCoordinate+1, MaxCoordinate+1, g.Width, g.Height)
	}
	out := &Writer{name: name, w: bufio.NewWriterSize(w, 1<<16), words: words}
	if _, err := out.w.WriteString(headerText(words, g, h.Source)); err != nil {
		return nil, err
	}
	return out, nil
}

// headerText has the lines that the vendor's tools choose their reader by, and
// names no camera, but what is known of one.
func headerText(words Words, g events.Geometry, s events.Source) string {
	encoding, version := words.Encoding()
	format, geometry := encoding, ""
	if g.Known() {
		format = fmt.Sprintf("%s;height=%d;width=%d", encoding, g.Height, g.Width)
		geometry = fmt.Sprintf("%% geometry %dx%d\n", g.Width, g.Height)
	}
	return "% camera_integrator_name Prophesee\n" +
		"% evt " + version + "\n" +
		"% format " + format + "\n" +
		geometry +
		"% plugin_integrator_name Prophesee\n" +
		mark + pluginKey + " " + pluginName + ourPlugin + "\n" +
		sourceText(s) +
		"% end\n"
}

// Write writes events in the order given. Where an event cannot be written, those
// before it are, and those behind it are not.
func (w *Writer) Write(in []events.Event) error {
	_, low := w.words.Bits()
	for len(in) > 0 {
		n := sameHigh(in, low)
		if n == 0 {
			return events.Unheld(w.events, "%v", place(w.name, in[0]))
		}
		var err error
		if w.buf, err = w.high(w.buf[:0], in[0].T); err != nil {
			return events.Unheld(w.events, "%v", err)
		}
		w.buf = w.words.Run(w.buf, in[:n])
		if _, err := w.w.Write(w.buf); err != nil {
			return err
		}
		w.events += int64(n)
		in = in[n:]
	}
	return nil
}

// WriteTrigger writes a trigger behind the events written so far.
func (w *Writer) WriteTrigger(t events.Trigger) error {
	if last := w.words.MaxTriggerID(); t.ID > last {
		return events.UnheldTrigger(w.events, "channel %d: %s holds channels to %d", t.ID, w.name, last)
	}
	var err error
	if w.buf, err = w.high(w.buf[:0], t.T); err != nil {
		return events.UnheldTrigger(w.events, "%v", err)
	}
	w.buf = w.words.Trigger(w.buf, t)
	_, err = w.w.Write(w.buf)
	return err
}

// TriggerChannels is how many channels the encoding's words can name.
func (w *Writer) TriggerChannels() int { return int(w.words.MaxTriggerID()) + 1 }

// high appends the high parts that lead to t. A reader takes one that falls by
// half a turn or more for the next turn, so that steps are smaller than that.
func (w *Writer) high(dst []byte, t int64) ([]byte, error) {
	high, low := w.words.Bits()
	next, turn := t>>low, int64(1)<<high
	latest, some := w.words.Latest()
	if !some {
		latest = min(next, turn-1) // a reader begins in the first turn
	}
	step := turn/2 - 1
	switch {
	case some && next == latest:
		return dst, nil
	case t < 0:
		return dst, fmt.Errorf("t %d us: %s holds no times below 0", t, w.name)
	case next < latest && (latest-next >= turn/2 || latest/turn != next/turn):
		return dst, fmt.Errorf("t %d us: %s cannot go back from %d us by half a turn of its clock or into the turn before (%d us each)",
			t, w.name, latest<<low, turn<<low)
	case (next-latest)/step > maxHighs:
		return dst, fmt.Errorf("t %d us: %s cannot hold a gap of more than %d s", t, w.name, maxHighs*step<<low/1_000_000)
	}
	if !some {
		dst = w.words.High(dst, latest)
	}
	for latest < next-step {
		latest += step
		dst = w.words.High(dst, latest)
	}
	if latest != next {
		dst = w.words.High(dst, next)
	}
	return dst, nil
}

// Close writes what is buffered.
func (w *Writer) Close() error { return w.w.Flush() }
