package hwtest_test

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

type (
	changes func(list []hw.Delta, before, now []int32, first int32) (n, nonzero int, least, largest int32)
	levels  func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (n, nonzero int)
)

// brokenChanges are kernels that list what differs between frames with a mistake each.
var brokenChanges = map[string]struct {
	part, says string
	make       func(right changes) changes
}{
	"changes reads behind the frame": {"lengths", "behind the end of the slice of the frame", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			if len(now)%8 == 7 {
				touched = uint32(*at(now, len(now)))
			}
			return right(list, before, now, first)
		}
	}},
	"changes stores whole registers": {"lengths", "the slice of the deltas", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			n, nonzero, least, largest := right(list, before, now, first)
			if n == len(list) && n > 0 {
				*at(list, n) = hw.Delta{}
			}
			return n, nonzero, least, largest
		}
	}},
	"changes leaves the frame before": {"lengths", "the frame before is not the frame", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			if len(now) < 9 {
				return right(list, before, now, first)
			}
			last := before[8]
			n, nonzero, least, largest := right(list, before, now, first)
			before[8] = last
			return n, nonzero, least, largest
		}
	}},
	"changes writes the frame": {"lengths", "the frame was written", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			n, nonzero, least, largest := right(list, before, now, first)
			if len(now) > 0 {
				now[0]++
			}
			return n, nonzero, least, largest
		}
	}},
	"changes counts from zero": {"lengths", "change 0: expected", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, _ int32) (int, int, int32, int32) {
			return right(list, before, now, 0)
		}
	}},
	"changes counts what becomes zero as before": {"lengths", "more values other than zero", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			n, nonzero, least, largest := right(list, before, now, first)
			return n, max(nonzero, 0), least, largest
		}
	}},
	"changes gives the largest of all values": {"lengths", "expected values from", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			n, nonzero, least, largest := right(list, before, now, first)
			for _, v := range now {
				largest = max(largest, v)
			}
			return n, nonzero, least, largest
		}
	}},
	"changes takes a short list": {"misuse", "expected a panic, found", func(right changes) changes {
		return func(list []hw.Delta, before, now []int32, first int32) (int, int, int32, int32) {
			if len(list) < len(now) {
				return 0, 0, 0, 0
			}
			return right(list, before, now, first)
		}
	}},
}

// levelling makes a mistake of changed parameters.
func levelling(change func(l *hw.Levelling)) func(right levels) levels {
	return func(right levels) levels {
		return func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (int, int) {
			changed := *l
			change(&changed)
			return right(list, levels, sums, first, &changed)
		}
	}
}

// brokenLevels are kernels of levels with a mistake each.
var brokenLevels = map[string]struct {
	part, says string
	make       func(right levels) levels
}{
	"levels reads behind the multipliers": {"lengths", "behind the end of the slice of the multipliers", func(right levels) levels {
		return func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (int, int) {
			if len(l.Mul) == int(first)+len(sums) {
				touched = uint32(*at(l.Mul, len(l.Mul)))
			}
			return right(list, levels, sums, first, l)
		}
	}},
	"levels has no threshold":     {"lengths", "expected", levelling(func(l *hw.Levelling) { l.Threshold = 0 })},
	"levels has one level less":   {"lengths", "expected", levelling(func(l *hw.Levelling) { l.High-- })},
	"levels takes one multiplier": {"lengths", "expected", levelling(func(l *hw.Levelling) { l.Mul, l.Shift = l.Mul[:1], l.Shift[:1] })},
	"levels rounds halves down": {"rounding", "expected level", func(right levels) levels {
		return func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (int, int) {
			n, nonzero := right(list, levels, sums, first, l)
			for i, v := range sums {
				if p := int64(v)*int64(l.Mul[0]) + 1<<(l.Shift[0]-1); p&(1<<l.Shift[0]-1) == 0 && len(l.Mul) == 1 {
					levels[i] = int32(max(min(p>>l.Shift[0]-1, int64(l.High)), int64(l.Low)))
				}
			}
			return n, nonzero
		}
	}},
	"levels loses the sign of large products": {"rounding", "expected level", func(right levels) levels {
		return func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (int, int) {
			n, nonzero := right(list, levels, sums, first, l)
			for i, v := range sums {
				if v == math.MinInt32 && l.Mul[0] == math.MinInt32 {
					levels[i] = -levels[i]
				}
			}
			return n, nonzero
		}
	}},
	"levels takes a first below zero": {"misuse", "expected a panic, found", func(right levels) levels {
		return func(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (int, int) {
			return right(list, levels, sums, max(first, 0), l)
		}
	}},
}
