package command

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// noticeFor is how long a view shows what was logged.
const noticeFor = time.Minute

// notices is where a watch's log goes. Once a view is drawn, lines beside it would tear
// it: the last one is kept, for the view to show.
type notices struct {
	mu      sync.Mutex
	drawing bool
	torn    bool // the log goes to the terminal that is drawn on
	text    string
	at      time.Time
}

// draw has what is logged from now on be kept, and not written where it would tear the view.
func (n *notices) draw(torn bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drawing, n.torn = true, torn
}

// latest is what was logged last with its time of day, empty where that was long ago.
func (n *notices) latest(now time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.text == "" || now.Sub(n.at) >= noticeFor {
		return ""
	}
	return n.at.Format(time.TimeOnly) + " " + n.text
}

// take keeps a line and tells whether it is to be written, too.
func (n *notices) take(at time.Time, text string) (write bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.drawing {
		return true
	}
	n.text, n.at = text, at
	return !n.torn
}

// handler is a log's handler before which notices have a look.
func (n *notices) handler(before slog.Handler) slog.Handler { return noticing{before, n, ""} }

// noticing is a [slog.Handler].
type noticing struct {
	slog.Handler
	to    *notices
	attrs string // of all records
}

// Handle implements [slog.Handler].
func (h noticing) Handle(ctx context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(attrText(a))
		return true
	})
	if !h.to.take(r.Time, b.String()) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h noticing) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		h.attrs += attrText(a)
	}
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

// WithGroup implements [slog.Handler].
func (h noticing) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}

func attrText(a slog.Attr) string { return ", " + a.Key + " " + a.Value.String() }
