package train

import (
	"context"
	"fmt"
)

// take runs some sequences of a set, one after the other.
func (t *tally) take(ctx context.Context, l *lane, meters []meter, set Set, from, to int) {
	t.work = make([][2]Work, len(meters))
	for i := from; i < to; i++ {
		if t.err = ctx.Err(); t.err != nil {
			return
		}
		s := set.Sequence(i)
		if err := s.check(l.net, l.task.options.Loss); err != nil {
			t.err = fmt.Errorf("train: sequence %d: %w", i, err)
			return
		}
		l.take([]Sequence{s}, s.Steps)
		l.forward()
		t.judge(l, &s)
		for k := range meters {
			t.count(l, &meters[k], &t.work[k])
		}
		t.steps += s.Steps
	}
}

// judge compares the outputs of a sequence with what they should be.
func (t *tally) judge(l *lane, s *Sequence) {
	outputs, options := l.net.outputs(), l.task.options
	y := l.output()
	g := make([]float32, outputs) // of no use here
	whole := make([]float32, outputs)
	for step := range s.Steps {
		w := options.stepWeight(step)
		if w == 0 {
			continue
		}
		row := y[step*outputs:][:outputs]
		t.judged++
		if largest(row) == s.Label {
			t.right++
		}
		if options.Loss == CrossEntropy {
			t.loss += float64(l.crossEntropy(g, row, s.Label, w) * w)
		} else {
			t.loss += float64(meanSquare(g, row, s.target(step, outputs), s.Label, w) * w)
		}
		t.weight += w
		for i, v := range row {
			whole[i] += float32(float32(w) * v)
		}
	}
	if largest(whole) == s.Label {
		t.whole++
	}
}

// count adds up the work of a layer in a sequence.
func (t *tally) count(l *lane, m *meter, to *[2]Work) {
	size := l.net.graph.Nodes[m.from].Out.Len()
	x := l.values[m.from]
	for r := range l.rows {
		if r == 0 {
			to[0].add(m.work(x[:size], nil))
		} else {
			to[1].add(m.work(x[r*size:][:size], x[(r-1)*size:][:size]))
		}
	}
}
