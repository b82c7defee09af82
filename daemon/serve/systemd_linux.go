package serve

import (
	"syscall"
	"unsafe"
)

// clockMonotonic is CLOCK_MONOTONIC of clock_gettime(2), the clock that systemd compares with.
const clockMonotonic = 1

// monotonicMicroseconds is the time of CLOCK_MONOTONIC. Package time has no way to tell it.
func monotonicMicroseconds() (int64, error) {
	var t syscall.Timespec
	_, _, e := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&t)), 0)
	if e != 0 {
		return 0, e
	}
	return t.Nano() / 1000, nil
}
