package train

import (
	"errors"
	"fmt"
	"math"
)

// ErrDiverged is wrapped by the error of a training whose loss or gradient is no number any more.
var ErrDiverged = errors.New("the training diverged: expected a finite loss and gradient, a smaller learning rate may help")

const (
	// laneRows is how many steps a lane should have at least, and mostLanes how many there
	// are at most. A batch is shared out by them and never by the number of workers, as
	// sums of lanes depend on that.
	laneRows  = 64
	mostLanes = 4
	// part is how many numbers one task of an update takes.
	part = 1 << 14
)

// step does an update with a batch.
func (t *Trainer) step(batch []Sequence, epoch int) (sums, float64, error) {
	t.measure(batch)
	count := min(max(int(t.task.rows)/laneRows, 1), mostLanes, len(batch))
	for len(t.lanes) < count {
		t.lanes = append(t.lanes, newLane(t.net, &t.task))
	}
	lanes, work := t.lanes[:count], workers(t.options.Workers)
	share := func(i int) []Sequence { return batch[i*len(batch)/count : (i+1)*len(batch)/count] }
	if t.meters == nil {
		t.meters = newMeters(t.net)
	}
	if t.uncalibrated() {
		t.calibrate(lanes, work, share)
	}
	each(work, count, func(i int) {
		l := lanes[i]
		l.sums = sums{}
		clear(l.gradient)
		clear(l.steps)
		l.eachChunk(share(i), func() {
			l.forward()
			clear(l.written)
			l.judge()
			l.backward()
			l.meter(t.meters)
		})
	})
	var all sums
	for _, l := range lanes {
		all.add(&l.sums)
	}
	rate := t.options.Schedule.share(t.update, t.updates, epoch, t.options.Epochs)
	// Nothing is changed by a batch that is of no use.
	if !finite(all.task+all.sparsity+all.l1) || !t.apply(lanes, work, rate) {
		return all, rate, fmt.Errorf("train: update %d: %w", t.update+1, ErrDiverged)
	}
	t.update++
	return all, rate, nil
}

// measure finds what the losses of a batch are divided by.
func (t *Trainer) measure(batch []Sequence) {
	t.task.weight, t.task.rows, t.task.transitions = 0, 0, 0
	for i := range batch {
		for step := range batch[i].Steps {
			t.task.weight += t.options.stepWeight(step)
		}
		t.task.rows += float64(batch[i].Steps)
		t.task.transitions += float64(batch[i].Steps - 1)
	}
	if t.task.weight == 0 {
		t.task.weight = 1 // no step weighs anything
	}
}

// apply changes numbers and steps by the gradients of lanes, if these are finite.
func (t *Trainer) apply(lanes []*lane, work int, share float64) bool {
	numbers, gradient := t.net.numbers, lanes[0].gradient
	parts := (len(numbers) + part - 1) / part
	lengths := make([]float64, parts)
	within := func(i int) (from, to int) { return i * part, min((i+1)*part, len(numbers)) }
	each(work, parts, func(i int) {
		from, to := within(i)
		g := gradient[from:to]
		for _, l := range lanes[1:] {
			for k, v := range l.gradient[from:to] {
				g[k] += v
			}
		}
		lengths[i] = square(g)
	})
	length := 0.0
	for _, v := range lengths {
		length += v
	}
	if !finite(length) {
		return false
	}
	scale := 1.0
	if length = math.Sqrt(length); t.options.Clip > 0 && length > t.options.Clip {
		scale = t.options.Clip / length
	}
	rate := float64(t.options.Schedule.Rate * share)
	each(work, parts, func(i int) {
		from, to := within(i)
		// Biases do not decay.
		middle := min(max(t.net.weights, from), to)
		t.change(gradient, from, middle, scale, rate, t.options.Optimiser.Decay)
		t.change(gradient, middle, to, scale, rate, 0)
	})
	t.moveSteps(lanes, share)
	return true
}

func (t *Trainer) change(gradient []float32, from, to int, scale, rate, decay float64) {
	if from == to {
		return
	}
	var moments [2][]float32
	for i := range t.moments {
		moments[i] = t.moments[i][from:to]
	}
	t.options.Optimiser.apply(t.net.numbers[from:to], gradient[from:to], moments[:], scale, rate, decay, t.update+1)
}

// square is the sum of squares. Each is exact in float64.
func square(g []float32) float64 {
	var a, b, c, d float64
	for len(g) >= 4 {
		a += float64(g[0]) * float64(g[0])
		b += float64(g[1]) * float64(g[1])
		c += float64(g[2]) * float64(g[2])
		d += float64(g[3]) * float64(g[3])
		g = g[4:]
	}
	for _, v := range g {
		a += float64(v) * float64(v)
	}
	return (a + b) + (c + d)
}

// meter counts the multiply-adds of a chunk.
func (l *lane) meter(meters []meter) {
	for i := range meters {
		m := &meters[i]
		size := l.net.graph.Nodes[m.from].Out.Len()
		x := l.values[m.from]
		for s := range l.chunk {
			for r := l.starts[s] + 1; r < l.starts[s+1]; r++ {
				_, macs := m.differ(x[r*size:][:size], x[(r-1)*size:][:size])
				l.sums.changed += macs
			}
			l.sums.possible += uint64(l.chunk[s].Steps-1) * uint64(l.net.graph.Nodes[m.node].DenseMACs())
		}
	}
}
