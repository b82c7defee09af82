package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// PanicChanges is the panic of a kernel for frames of other lengths than each other, for
// a list without room for all of a frame, or for fewer multipliers than sums.
const PanicChanges = "cpu: frames, their list and their multipliers are not of one length"

func checkChanges(list, before, now int) {
	if before != now || list < now {
		panic(PanicChanges)
	}
}

func checkLevels(list, levels, sums int, first int32, l *hw.Levelling) {
	checkChanges(list, levels, sums)
	if len(l.Mul) == 0 || len(l.Mul) != len(l.Shift) || len(l.Mul) != 1 && (first < 0 || int64(first)+int64(sums) > int64(len(l.Mul))) {
		panic(PanicChanges)
	}
}

// nonzero is 1 or 0, without a branch that nobody can predict.
func nonzero(v int32) int { return int(uint32(v|-v) >> 31) }

func changesPortable(list []hw.Delta, before, now []int32, first int32) (n, risen int, least, largest int32) {
	checkChanges(len(list), len(before), len(now))
	least, largest = math.MaxInt32, math.MinInt32
	const block = 4 // most are the same, where a delta network pays
	at := 0
	for ; at+block <= len(now); at += block {
		if *(*[block]int32)(now[at:]) == *(*[block]int32)(before[at:]) {
			continue
		}
		for i := at; i < at+block; i++ {
			v, old := now[i], before[i]
			if v == old {
				continue
			}
			before[i] = v
			list[n] = hw.Delta{Index: first + int32(i), Value: v - old}
			n++
			risen += nonzero(v) - nonzero(old)
			least, largest = min(least, v), max(largest, v)
		}
	}
	listRest(list, before, now, at, first, &n, &risen, &least, &largest)
	return n, risen, least, largest
}

// listRest goes through the values from one on, which are few.
func listRest(list []hw.Delta, before, now []int32, from int, first int32, n, risen *int, least, largest *int32) {
	for i := from; i < len(now); i++ {
		v, old := now[i], before[i]
		if v == old {
			continue
		}
		before[i] = v
		list[*n] = hw.Delta{Index: first + int32(i), Value: v - old}
		*n++
		*risen += nonzero(v) - nonzero(old)
		*least, *largest = min(*least, v), max(*largest, v)
	}
}

func levelsPortable(list []hw.Delta, levels, sums []int32, first int32, l *hw.Levelling) (n, risen int) {
	checkLevels(len(list), len(levels), len(sums), first, l)
	list, levels = list[:len(sums)], levels[:len(sums)]
	low, high, threshold := int64(l.Low), int64(l.High), uint32(l.Threshold)
	one := len(l.Mul) == 1
	mul, shift := int64(l.Mul[0]), uint(l.Shift[0])
	muls, shifts := l.Mul, l.Shift
	if !one {
		muls, shifts = muls[first:][:len(sums)], shifts[first:][:len(sums)]
	}
	for i, v := range sums {
		if !one {
			mul, shift = int64(muls[i]), uint(shifts[i])
		}
		// The masks say to the compiler what is so in any case.
		level := int32(max(min((int64(v)*mul+1<<((shift-1)&63))>>(shift&63), high), low))
		old := levels[i]
		d := level - old
		if uint32(max(d, -d)) <= threshold {
			continue
		}
		levels[i] = level
		list[n] = hw.Delta{Index: first + int32(i), Value: d}
		n++
		risen += nonzero(level) - nonzero(old)
	}
	return n, risen
}
