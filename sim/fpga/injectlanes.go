package fpga

// damagedDots makes the dot products of an event once more, as lanes that are broken, or match weights of any
// value, give them: product by product, with sums of 32 bits that run over.
//
// Lane l multiplies row l mod Rows of a patch, and of every pass neuron l div Rows of the group.
func (d *Device) damagedDots() {
	groups := d.build.Groups()
	for k := range d.config.Neurons {
		stuck := false
		for _, i := range d.injected {
			stuck = stuck || i.active && i.fault.Kind == StuckLane && i.fault.Place/d.build.Rows == k%groups
		}
		if stuck || d.damaged {
			d.dots[d.pending.matching.number%matchedAhead][k] = d.damagedDot(k)
		}
	}
}

func (d *Device) damagedDot(k int) (sum int32) {
	t, w := &d.pending.matching, &d.weights
	c := d.contexts[t.number%slots].values
	for row := range d.build.Rows {
		lane := k%d.build.Groups()*d.build.Rows + row
		for column := range d.side {
			var product int32 // lanes beyond the patch multiply nothing
			if row < d.side {
				at := row*d.side + column
				product = int32(c[at]) * int32(w.matchWeight(int(t.bank), k, at))
			}
			for _, i := range d.injected {
				if i.active && i.fault.Kind == StuckLane && i.fault.Place == lane {
					product = i.fault.stuck(product)
				}
			}
			sum += product
		}
	}
	return sum
}

// stuck is what comes out of a multiplier in the stead of a product.
func (f *Fault) stuck(product int32) int32 {
	switch f.Stuck {
	case StuckZero:
		return 0
	case StuckOnes:
		return -1
	case StuckBit0:
		return product &^ (1 << f.Bit)
	}
	return product | 1<<f.Bit
}
