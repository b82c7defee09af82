package bus

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// Keys of log records.
const (
	keyComponent = "component"
	keyError     = "error"
	keyServer    = "server"
	keySubject   = "subject"
	keyName      = "name"
	keyHost      = "host"
	keyMore      = "more" // records like this one that were left out before it
)

// serverLog takes nats-server's log to slog. What it notices is debug to us: the
// daemon says itself that it started and stopped.
type serverLog struct {
	log   *slog.Logger
	fatal atomic.Pointer[string] // what ended the start, or noFatal after a good one
	// Who may not do what he does over and over again is logged each time by the server: most of that is left out.
	warnings, errors *Fold
}

// logPerSecond is how many warnings, and how many errors, of one source are logged a second.
const logPerSecond = 10

func newServerLog(log *slog.Logger) *serverLog {
	return &serverLog{log: log, warnings: NewFold(logPerSecond), errors: NewFold(logPerSecond)}
}

var noFatal string

// started ends the start and gives what has ended it before, if anything.
func (l *serverLog) started() *string {
	if l.fatal.CompareAndSwap(nil, &noFatal) {
		return nil
	}
	return l.fatal.Load()
}

func (l *serverLog) write(level slog.Level, format string, v []any) {
	ctx := context.Background()
	if l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, strings.TrimSpace(fmt.Sprintf(format, v...)))
	}
}

// Noticef is debug, but for the notice that a subscriber was cut off.
func (l *serverLog) Noticef(format string, v ...any) {
	if strings.Contains(format, "Slow Consumer") {
		l.some(l.warnings, slog.LevelWarn, format, v)
		return
	}
	l.write(slog.LevelDebug, format, v)
}

func (l *serverLog) Debugf(format string, v ...any) { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Tracef(format string, v ...any) { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Warnf(format string, v ...any)  { l.some(l.warnings, slog.LevelWarn, format, v) }
func (l *serverLog) Errorf(format string, v ...any) { l.some(l.errors, slog.LevelError, format, v) }

// some writes those that the fold lets through.
func (l *serverLog) some(fold *Fold, level slog.Level, format string, v []any) {
	through, held := fold.Next(time.Now())
	switch {
	case !through:
		return
	case held > 0:
		l = &serverLog{log: l.log.With(keyMore, held)}
	}
	l.write(level, format, v)
}

// Fatalf keeps what is fatal during the start for whoever called it; after that
// there is only the log.
func (l *serverLog) Fatalf(format string, v ...any) {
	message := fmt.Sprintf(format, v...)
	if !l.fatal.CompareAndSwap(nil, &message) {
		l.write(slog.LevelError, format, v)
	}
}
