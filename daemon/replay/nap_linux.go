package replay

import (
	"syscall"
	"time"
)

// napper gives a sleep by the kernel's own timers, some 60 us too long, where a timer of the runtime's comes up to a
// millisecond late. It returns early where a signal comes, which does no harm: what is due is looked up again.
func napper() func(time.Duration) {
	return func(d time.Duration) {
		if d <= 0 {
			return
		}
		t := syscall.NsecToTimespec(int64(d))
		_ = syscall.Nanosleep(&t, nil)
	}
}
