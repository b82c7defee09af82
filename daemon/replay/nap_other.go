//go:build !linux

package replay

import "time"

// napper gives nothing where there is no sleep that is known to be more exact than a timer.
func napper() func(time.Duration) { return nil }
