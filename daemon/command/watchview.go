package command

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/vbauerster/mpb/v8/cwriter"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// viewEvery is how often the view is drawn anew.
const viewEvery = 250 * time.Millisecond

// A terminal's size where it does not tell.
const (
	fallbackWidth  = 80
	fallbackHeight = 24
)

// draw shows what comes on a terminal, in place, until it is interrupted. What was
// drawn last stays.
func (c *watchCmd) draw(e *env, nc *nats.Conn, subjects bus.Subjects, r *results, said *notices) error {
	g := blocks
	if c.ASCII || !utf8Locale(os.Getenv) {
		g = ascii
	}
	screen := cwriter.New(e.stdout)
	b := newBoard()
	tick := time.NewTicker(viewEvery)
	defer tick.Stop()
	for {
		wide, high, err := screen.GetTermSize()
		if err != nil || wide <= 0 || high <= 0 {
			wide, high = fallbackWidth, fallbackHeight
		}
		now := time.Now()
		lines := b.view(now, g, wide, high, connection(nc, r), said.latest(now))
		if _, err := screen.WriteString(frame(lines)); err != nil {
			return err
		}
		if err := screen.Flush(len(lines)); err != nil {
			return err
		}
		for drawn := false; !drawn; {
			select {
			case <-e.ctx.Done():
				return nil // that is how a watch ends
			case m := <-r.messages:
				b.take(time.Now(), subjects, m)
			case <-tick.C:
				drawn = true
			}
		}
	}
}

// frame is what a terminal is sent to show lines: it does not wrap them meanwhile,
// as characters of others' names may be wider than they count.
func frame(lines []string) string {
	const wrapOff, wrapOn = "\x1b[?7l", "\x1b[?7h"
	return wrapOff + strings.Join(lines, "\n") + "\n" + wrapOn
}

// connection says what a reader must know of where the results come from.
func connection(nc *nats.Conn, r *results) string {
	s := ""
	if !nc.IsConnected() {
		s = "no connection to the server: trying again"
	}
	if n := r.dropped(); n > 0 {
		if s != "" {
			s += "; "
		}
		s += plural(n, "result") + " came faster than they were looked at, and are not in these numbers"
	}
	return s
}

// view is all that is shown, notes first, no wider and lower than the terminal.
func (b *board) view(now time.Time, g glyphs, wide, high int, notes ...string) []string {
	out := []string{fmt.Sprintf("%s  %s", now.Format(time.TimeOnly), plural(len(b.sensors), "sensor"))}
	if len(b.sensors) == 0 {
		out[0] = now.Format(time.TimeOnly) + "  nothing has come yet"
	}
	note := func(text string) { out = append(out, g.cutTo(printable(text), wide)) }
	for _, text := range notes {
		if text != "" {
			note(text)
		}
	}
	if b.unread > 0 {
		note(fmt.Sprintf("%s could not be understood, the last: %v", plural(b.unread, "message"), b.err))
	}
	if b.others > 0 {
		note(fmt.Sprintf("%s of sensors beyond %d: --sensor shows one", plural(b.others, "message"), maxWatched))
	}
	for _, w := range b.list() {
		out = append(out, "")
		out = append(out, w.block(now, g, wide)...)
	}
	// The line below the last one is the cursor's.
	if room := max(high-1, 1); len(out) > room {
		hidden := len(out) - room + 1
		out = append(out[:room-1], g.cutTo(fmt.Sprintf("%s%s: a higher window shows them, or --sensor one sensor", g.more, plural(hidden, "further line")), wide))
	}
	if g.more == ascii.more {
		for i := range out {
			out[i] = asciiOnly(out[i])
		}
	}
	return out
}
