//go:build amd64 && !purego

package cpu

import "github.com/saccade-dev/saccade/hw"

// The kernels in assembly take whole registers of values and trust what they are given;
// what is left over is done in Go.

type (
	changesKernel func(list, before, now *int32, count int, first int32) (n, risen int, least, largest int32)
	levelsKernel  func(list, levels, sums *int32, count int, first int32, mul, shift *int32, low, high, threshold int32) (n, risen int)
)

// checkedChanges are the changes of a kernel that takes so many values at a time.
func checkedChanges(lanes int, kernel changesKernel) func(list []hw.Delta, before, now []int32, first int32) (n, risen int, least, largest int32) {
	return func(list []hw.Delta, before, now []int32, first int32) (n, risen int, least, largest int32) {
		checkChanges(len(list), len(before), len(now))
		whole := len(now) &^ (lanes - 1)
		if whole == 0 {
			return changesPortable(list, before, now, first)
		}
		n, risen, least, largest = kernel(&list[0].Index, &before[0], &now[0], whole, first)
		listRest(list, before, now, whole, first, &n, &risen, &least, &largest)
		return n, risen, least, largest
	}
}

// checkedLevels are the levels of kernels that take so many sums at a time, which share
// one multiplier or have one each.
func checkedLevels(lanes int, same, each levelsKernel) func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (n, risen int) {
	return func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (n, risen int) {
		checkLevels(len(list), len(levels), len(sums), first, l)
		whole := len(sums) &^ (lanes - 1)
		if whole == 0 {
			return levelsPortable(list, levels, sums, first, l)
		}
		kernel, at := same, int32(0)
		if len(l.Mul) > 1 {
			kernel, at = each, first
		}
		n, risen = kernel(&list[0].Index, &levels[0], &sums[0], whole, first, &l.Mul[at], &l.Shift[at], l.Low, l.High, l.Threshold)
		if whole < len(sums) {
			more, rise := levelsPortable(list[n:], levels[whole:], sums[whole:], first+int32(whole), l)
			n, risen = n+more, risen+rise
		}
		return n, risen
	}
}
