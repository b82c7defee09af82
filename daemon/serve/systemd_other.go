//go:build !linux

package serve

import "errors"

// monotonicMicroseconds is asked for by systemd alone, which there is on Linux alone.
func monotonicMicroseconds() (int64, error) { return 0, errors.ErrUnsupported }
