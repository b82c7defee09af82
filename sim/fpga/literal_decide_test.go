package fpga_test

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// decide is the decision's unit.
type decide struct {
	headValid, working bool
	head               literalToken
	limitNext, limitsN int
	limits             [][]int64
	limit              [5]*row // 1: thresholds, 2: with the offset, 3 and 4: times the norm
	compareNext, found int
	compare            [4]*row // 1: operands, 2: who passes, 3: the best of the row
	best               candidate
	kept               int64 // the limit of the neuron whose dot product is corrected
	answered           []uint32
}

type candidate struct {
	neuron int // -1: none
	dot    int32
}

type row struct {
	pass   int
	values []int64
	dots   []int32
	passes []bool
	best   candidate
}

func (l *literal) decisions() {
	defer func() {
		if words := l.answered; words != nil {
			l.answered = nil
			l.set(func() { l.write = words })
		}
	}()
	oldLimit, oldCompare := l.limit, l.compare
	l.set(func() {
		l.limit, l.compare = [5]*row{2: oldLimit[1], 3: oldLimit[2], 4: oldLimit[3]}, [4]*row{2: oldCompare[1], 3: oldCompare[2]}
	})
	t := l.head
	if r := oldLimit[1]; r != nil {
		l.set(func() {
			for i := range r.values {
				r.values[i] = int64(int32(r.values[i]) + l.offset[t.bank])
			}
		})
	}
	if r := oldLimit[2]; r != nil {
		norm := int64(l.slots[t.number%8].norm)
		l.set(func() {
			for i := range r.values {
				r.values[i] *= norm
			}
		})
	}
	if r := oldLimit[4]; r != nil {
		l.set(func() { l.limits[r.pass] = r.values; l.limitsN++ })
	}
	corrected := l.attached && l.learnNumber+1 == t.number
	l.compareRows(oldCompare, t, corrected)

	switch {
	case !l.headValid:
		if len(l.queue) > 0 {
			next := l.queue[0]
			l.set(func() {
				l.queue = l.queue[1:]
				l.head, l.headValid, l.working = next, true, false
				l.limitNext, l.limitsN, l.compareNext, l.found = 0, 0, 0, 0
				l.best = candidate{-1, math.MinInt32}
				l.limits = make([][]int64, l.passes)
			})
		}
	case !l.working:
		l.check(t)
	default:
		l.work(t, corrected)
	}
}

func (l *literal) compareRows(old [4]*row, t literalToken, corrected bool) {
	if r := old[1]; r != nil {
		l.set(func() {
			for i, dot := range r.dots {
				k := r.pass*l.groups + i
				r.passes = append(r.passes, k < l.c.Neurons && (!corrected || k != l.learned) &&
					(!t.selecting || int64(dot)<<13 >= r.values[i]))
				if t.selecting && k == l.learned {
					l.kept = r.values[i]
				}
			}
		})
	}
	if r := old[2]; r != nil {
		l.set(func() {
			r.best = candidate{-1, math.MinInt32}
			for i, dot := range r.dots {
				if r.passes[i] && dot > r.best.dot {
					r.best = candidate{r.pass*l.groups + i, dot}
				}
			}
		})
	}
	if r := old[3]; r != nil {
		l.set(func() {
			if r.best.dot > l.best.dot {
				l.best = r.best
			}
			l.found++
		})
	}
}

func (l *literal) check(t literalToken) {
	s := &l.slots[t.number%8]
	switch {
	case !t.competes:
		if l.writerFree() {
			l.answer(t, t.result, 0, 0)
		}
	case l.c.MinRecent > 0 && l.summed <= t.number:
	case !l.noise(s):
		l.set(func() { l.working = true })
	case !t.skipped && l.rows-l.taken < l.passes:
	case l.writerFree():
		if !t.skipped {
			l.set(func() { l.taken += l.passes })
		}
		l.set(func() { l.decided++; s.busy = false })
		l.answer(t, hw.Noise, 0, 0)
	}
}

func (l *literal) work(t literalToken, corrected bool) {
	s := &l.slots[t.number%8]
	if t.selecting && l.rooted > t.number && l.limitNext < l.passes {
		r := &row{pass: l.limitNext}
		for k := range l.groups {
			r.values = append(r.values, int64(l.thresholds[t.bank][l.limitNext*l.groups+k]))
		}
		l.set(func() { l.limit[1] = r; l.limitNext++ })
	}
	if l.compareNext < l.passes && l.rows > l.taken && (!t.selecting || l.limitsN > l.compareNext) {
		r := &row{pass: l.compareNext, dots: l.dots[t.number%2][l.compareNext], values: l.limits[l.compareNext]}
		l.set(func() { l.compare[1] = r; l.compareNext++; l.taken++ })
	}
	switch {
	case l.found < l.passes,
		corrected && l.age < 11+l.side(),
		l.c.Detail && l.rooted <= t.number,
		t.learning && l.scaled <= t.number,
		t.learning && l.age+1 < l.side(),
		!l.writerFree():
		return
	}
	best := l.best
	if corrected && (!t.selecting || int64(l.corrected)<<13 >= l.kept) &&
		(l.corrected > best.dot || l.corrected == best.dot && l.learned < best.neuron) {
		best = candidate{l.learned, l.corrected}
	}
	result, dot := hw.Missed, int32(0)
	if best.neuron >= 0 {
		result, dot = int16(t.bank*l.c.Neurons+best.neuron), best.dot
	}
	l.set(func() { l.decided++ })
	if t.learning && best.neuron >= 0 {
		l.beginLearning(t, best)
	} else {
		l.set(func() { s.busy = false })
		if t.learning {
			l.set(func() { l.offset[t.bank] -= l.c.Rates[t.bank].DeltaE })
		}
	}
	l.answer(t, result, dot, s.norm)
}
