package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Variables by which systemd says whom to tell, and what it waits for: sd_notify(3), sd_watchdog_enabled(3).
const (
	variableSocket       = "NOTIFY_SOCKET"
	variableWatchdog     = "WATCHDOG_USEC" // microseconds after which silence is death
	variableWatchdogOfID = "WATCHDOG_PID"  // the process that is meant, if one is
)

// What is told: sd_notify(3). Assignments stand on lines of their own.
const (
	notifyReady     = "READY=1"
	notifyStopping  = "STOPPING=1"
	notifyReloading = "RELOADING=1"
	notifyMonotonic = "MONOTONIC_USEC="
	notifyWatchdog  = "WATCHDOG=1"
	notifyStatus    = "STATUS="
)

// systemd is who started the daemon and wants to be told how it is. The zero value is nobody.
type systemd struct {
	socket string // a path, or @ and a name in the abstract namespace
	// watchdog is the time after which a daemon that was not heard of is killed; 0 for never.
	watchdog time.Duration
}

// findSystemd looks in the environment of a process for who wants to be told. What stands there and makes no sense is
// an error: whoever waits for a word would wait in vain.
func findSystemd(getenv func(string) string, pid int) (systemd, error) {
	s := systemd{socket: getenv(variableSocket)}
	if s.socket == "" {
		return systemd{}, nil
	}
	if len(s.socket) < 2 || s.socket[0] != '/' && s.socket[0] != '@' {
		// vsock, for a virtual machine's own systemd, is not spoken.
		return systemd{}, fmt.Errorf("%s: expected a path or @ and a name, found %q", variableSocket, s.socket)
	}
	text := getenv(variableWatchdog)
	if text == "" {
		return s, nil
	}
	if of := getenv(variableWatchdogOfID); of != "" && of != strconv.Itoa(pid) {
		return s, nil // another process is meant
	}
	const most = int64(365 * 24 * time.Hour / time.Microsecond)
	us, err := strconv.ParseInt(text, 10, 64)
	if err != nil || us < 1 || us > most {
		return systemd{}, fmt.Errorf("%s: expected microseconds from 1 to %d, found %q", variableWatchdog, most, text)
	}
	s.watchdog = time.Duration(us) * time.Microsecond
	return s, nil
}

// sendTimeout bounds how long a word to systemd may wait for room in its socket.
const sendTimeout = 5 * time.Second

// tell sends one message. To nobody it sends nothing.
func (s systemd) tell(ctx context.Context, lines ...string) error {
	if s.socket == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	// Package net takes a leading @ for the abstract namespace, as systemd does.
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", s.socket)
	if err == nil {
		deadline, _ := ctx.Deadline()
		err = conn.SetWriteDeadline(deadline)
		if err == nil {
			_, err = conn.Write([]byte(strings.Join(lines, "\n")))
		}
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		return fmt.Errorf("telling systemd %s: %w", lines[0], err)
	}
	return nil
}

// status is a line for `systemctl status`.
func status(text string) string { return notifyStatus + strings.ReplaceAll(text, "\n", " ") }

// notify tells whoever started the daemon, where it is systemd, how it is: see [systemd.watch].
func (d *Daemon) notify(ctx, ended context.Context) {
	s, err := findSystemd(os.Getenv, os.Getpid())
	if err != nil {
		d.log.Error("systemd cannot be told how the daemon is", logError, err)
		return
	}
	s.watch(ctx, ended, watched{d.Service.Ready(), d.Service.Working, d.log})
}

// watched is what systemd is told of.
type watched struct {
	ready   <-chan struct{} // closed when messages are taken
	working func() error    // why it does not do its work though it could
	log     *slog.Logger
}

// watch tells that the daemon is ready once it takes messages, that it is stopping when ctx ends, and twice in the
// watchdog's time that it lives, for as long as it works: until ended ends, as a drain must not hang either. What could
// not be told is logged: a daemon whose systemd does not listen does its work all the same.
func (s systemd) watch(ctx, ended context.Context, d watched) {
	if s.socket == "" {
		return
	}
	send := func(lines ...string) {
		if err := s.tell(context.WithoutCancel(ctx), lines...); err != nil {
			d.log.Warn("systemd could not be told", logError, err)
		}
	}
	var tick <-chan time.Time
	if s.watchdog > 0 {
		t := time.NewTicker(max(s.watchdog/2, time.Microsecond))
		defer t.Stop()
		tick = t.C
	}
	ready, ending, ill := d.ready, ctx.Done(), false
	for {
		select {
		case <-ready:
			ready = nil
			if ctx.Err() == nil {
				send(notifyReady, status("takes messages"), notifyWatchdog)
			}
		case <-ending:
			ending = nil
			send(notifyStopping, status("processes what was accepted"))
		case <-tick:
			why := d.working()
			switch {
			case why == nil && ill:
				send(notifyWatchdog, status("works again"))
			case why == nil:
				send(notifyWatchdog)
			case !ill: // and no word of life from now on: it is killed and started anew
				d.log.Error("the watchdog is not told that the daemon lives", logError, why)
				send(status(why.Error()))
			}
			ill = why != nil
		case <-ended.Done():
			return
		}
	}
}

// reload tells systemd that a reload begins, does it, and tells that it is over, whether it succeeded or not: the
// daemon goes on in either case, and the status says with what. It is what a unit of Type=notify-reload waits for.
func (s systemd) reload(ctx context.Context, reload func() error) error {
	if s.socket == "" {
		return reload()
	}
	at, err := monotonicMicroseconds()
	if err != nil {
		return errors.Join(err, reload())
	}
	told := s.tell(ctx, notifyReloading, notifyMonotonic+strconv.FormatInt(at, 10))
	err = reload()
	over := "reloaded"
	if err != nil {
		over = "goes on as it was: the configuration could not be loaded: " + err.Error()
	}
	return errors.Join(err, told, s.tell(context.WithoutCancel(ctx), notifyReady, status(over)))
}
