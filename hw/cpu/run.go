package cpu

import "github.com/saccade-dev/saccade/hw"

// run is the rule of [hw.Bank] in portable Go: batches of contexts are matched at
// once, then the winners are found one after the other.
func run(b *hw.Bank, steps []hw.Step) {
	checkBank(b)
	checkSteps(b, steps)
	n := b.Elements()
	row, space, dotLen := hw.ContextLen(n), hw.ContextSpace(n), hw.DotLen(b.Neurons)
	var packed tile
	var batch [hw.Batch]*hw.Step
	var norms [hw.Batch]uint32
	for i := 0; i < len(steps); {
		count := 0
		for ; i < len(steps) && count < hw.Batch; i++ {
			s := &steps[i]
			b.Cells[s.Cell] = s.Now
			if s.Winner != hw.Pending {
				continue
			}
			c := b.Contexts[count*space:][:n]
			sum := gather(c, b.Cells, int(s.First), &b.Patch, s.Now)
			if b.MinRecent > 0 && recent(c, b.Recent) < b.MinRecent {
				s.Winner = int32(hw.Noise)
				continue
			}
			batch[count], norms[count] = s, hw.Norm(sum)
			count++
		}
		if count == 0 {
			return
		}
		// What is left in the rows behind count is matched too. It changes nothing in the
		// rows ahead: of two in a word, the first does not depend on the second.
		matchTiles(&packed, b.Dots, b.Weights, b.Contexts, b.Neurons, n)
		for j, s := range batch[:count] {
			dots := b.Dots[j*dotLen:][:b.Neurons]
			if !b.Selecting {
				s.Winner = nearest(dots)
				continue
			}
			winner := selected(dots, b.Thresholds, norms[j])
			s.Winner = winner
			if !b.Learning {
				continue
			}
			if winner < 0 {
				for i := range b.Thresholds {
					b.Thresholds[i] -= b.DeltaE
				}
				continue
			}
			b.Thresholds[winner] += b.DeltaI
			weights := b.Weights[int(winner)*row:][:row]
			pull := hw.NewPull(norms[j], dots[winner], b.Squares[winner], b.Eta)
			b.Squares[winner] = learnElements(b.Master[int(winner)*row:][:n], weights[:n], b.Contexts[j*space:][:n], pull)
			for later := j + 1; later < count; later++ {
				b.Dots[later*dotLen+int(winner)] = dot(weights, b.Contexts[later*space:][:row])
			}
		}
	}
}
