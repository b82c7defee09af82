package bus

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
)

// Keys of log records.
const (
	keyComponent = "component"
	keyError     = "error"
	keyServer    = "server"
	keySubject   = "subject"
	keyName      = "name"
)

// serverLog takes nats-server's log to slog. What it notices is debug to us: the
// daemon says itself that it started and stopped.
type serverLog struct {
	log   *slog.Logger
	fatal atomic.Pointer[string] // what ended the start, or noFatal after a good one
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
	level := slog.LevelDebug
	if strings.Contains(format, "Slow Consumer") {
		level = slog.LevelWarn
	}
	l.write(level, format, v)
}

func (l *serverLog) Debugf(format string, v ...any) { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Tracef(format string, v ...any) { l.write(slog.LevelDebug, format, v) }
func (l *serverLog) Warnf(format string, v ...any)  { l.write(slog.LevelWarn, format, v) }
func (l *serverLog) Errorf(format string, v ...any) { l.write(slog.LevelError, format, v) }

// Fatalf keeps what is fatal during the start for whoever called it; after that
// there is only the log.
func (l *serverLog) Fatalf(format string, v ...any) {
	message := fmt.Sprintf(format, v...)
	if !l.fatal.CompareAndSwap(nil, &message) {
		l.write(slog.LevelError, format, v)
	}
}
