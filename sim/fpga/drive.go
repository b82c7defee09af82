package fpga

import (
	"context"
	"errors"
	"fmt"
)

// Flow says in which cycles a word may be offered to the device, and in which a result is
// taken from it: back-pressure on purpose. The zero value does both in every cycle.
type Flow struct {
	Offer func(cycle uint64) bool
	Take  func(cycle uint64) bool
}

// ErrStuck is what Run returns of a device that neither takes words nor gives results.
var ErrStuck = errors.New("fpga: the device neither takes words nor gives results")

// stuckAfter is more cycles than a device of any build takes for what it does between two
// words: wiping or rebasing its surface.
const stuckAfter = MaxCells + 4*MaxNeurons*MaxRows

// Run puts words into a device and hands what comes out to take, until all words are in
// and the device is idle and empty. The context is looked at now and then.
func Run(ctx context.Context, d *Device, words []uint32, flow Flow, take func(word uint32)) error {
	quiet := 0
	for cycle := uint64(0); ; cycle++ {
		if cycle%(1<<14) == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("fpga: %w", err)
			}
		}
		out := d.Out()
		in := In{}
		if len(words) > 0 && (flow.Offer == nil || flow.Offer(cycle)) {
			in.Valid, in.Word = true, words[0]
			if out.Ready {
				words = words[1:]
				quiet = 0
			}
		}
		if out.Valid && (flow.Take == nil || flow.Take(cycle)) {
			in.Ready = true
			take(out.Word)
			quiet = 0
		}
		if len(words) == 0 && !in.Valid && !out.Valid && d.Idle() {
			return nil
		}
		if quiet++; quiet > stuckAfter {
			return ErrStuck
		}
		d.Tick(in)
	}
}
