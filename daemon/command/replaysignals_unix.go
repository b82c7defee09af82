//go:build unix

package command

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/saccade-dev/saccade/daemon/replay"
)

// signalled are the signals that steer a replay. SIGTSTP, a terminal's ctrl-Z, stops the process when what is under
// way is acknowledged, and SIGCONT has it go on from there: what was not sent meanwhile is not hurried behind. SIGSTOP cannot be
// prepared for; behind it too nothing is made up for. SIGUSR1 pauses, and resumes.
type signalled struct{ heard chan os.Signal }

func signals() *signalled {
	s := &signalled{make(chan os.Signal, 8)}
	signal.Notify(s.heard, syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGUSR1)
	return s
}

func (s *signalled) end() { signal.Stop(s.heard) }

func (s *signalled) steer(ctx context.Context, control *replay.Control) {
	stopped := false // by SIGTSTP, and to resume when the process goes on
	for {
		var got os.Signal
		select {
		case <-ctx.Done():
			return
		case got = <-s.heard:
		}
		op := replay.OpToggle
		switch got {
		case syscall.SIGTSTP:
			if pause(ctx, control) {
				stopped = true
			}
			// The process stops somewhere in what follows, and goes on with SIGCONT.
			_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
			continue
		case syscall.SIGCONT:
			op = replay.OpForgive
			if stopped {
				op, stopped = replay.OpResume, false
			}
		}
		_, _ = control.Do(ctx, replay.Command{Op: op}) // an error is the replay's end
	}
}
