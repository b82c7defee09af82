package hil_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/saccade-dev/saccade/daemon/hil"
)

// A device that is given simulated events, and learns from them, to the bit.
func ExampleRun() {
	c := hil.Default()
	c.Stream.Simulated = []hil.Simulator{{Kind: hil.Random, Seed: 1, Recordings: 1, Events: 5000}}
	r, err := hil.Run(context.Background(), c)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Passed, r.Events, r.Counts.Mismatches)
	fmt.Println(r.Memory)
	// Output:
	// true 5000 0
	// the same: 3872 weights, 32 thresholds, 2312 stamps
}

// A test of a device of one's own looks like this: the link is whatever reaches it.
func ExampleTest() {
	_ = func(t *testing.T) {
		c := hil.Default()
		c.Device.Address = "fpga@192.168.1.50:7121"
		c.Stream.Simulated = []hil.Simulator{{Kind: hil.Moving, Seed: 1, Recordings: 10}}
		c.Pass.P99Cycles = 0
		hil.Test(t, c)
	}
}
