package roof

// Unit is what one core computes with: vectors of a length, or plain Go. It measures
// its peaks when they are asked for and remembers them; it is for one goroutine.
type Unit struct {
	Name   string
	Bits   int  // of a register
	Vector bool // its peaks are limits of the machine

	loops
	peaks map[peakKey]*Peak
}

type peakKey struct {
	resource Resource
	blocks   int
}

// Units are those of this machine: plain Go, then vectors, the shortest first.
func Units() []*Unit {
	return append([]*Unit{portable()}, vectors()...)
}

// Peak of a resource. The loops over memory go over set bytes again and again, which
// settles what holds them; set is rounded up to blocks of 512 bytes. It means nothing
// to products.
func (u *Unit) Peak(r Resource, set int) *Peak {
	key := keyOf(r, set)
	p := u.peaks[key]
	if p == nil {
		p = u.newPeak(key)
		if u.peaks == nil {
			u.peaks = map[peakKey]*Peak{}
		}
		u.peaks[key] = p
	}
	return p
}

// Measure adds a run to each of the peaks asked for so far.
func (u *Unit) Measure() {
	for _, p := range u.peaks {
		p.Measure()
	}
}

func keyOf(r Resource, set int) peakKey {
	const blockBytes = 4 * blockWords
	if !r.Memory() {
		return peakKey{resource: r}
	}
	return peakKey{r, max(1, (set+blockBytes-1)/blockBytes)}
}

func (u *Unit) newPeak(key peakKey) *Peak {
	p := new(Peak)
	switch key.resource {
	case Load:
		memory, sums := newBlocks(key.blocks), new(vector)
		p.add("", 4*len(memory), func(rounds int) { u.load(sums, memory, rounds) })
	case Store:
		memory := newBlocks(key.blocks)
		p.add("", 4*len(memory), func(rounds int) { u.store(memory, rounds, 1) })
	default:
		x, y, sums := newVector(1), newVector(2), new(vector)
		for _, l := range u.products {
			if l.resource == key.resource {
				p.add(l.name, l.times*u.lanes(l.resource), func(rounds int) { l.run(sums, x, y, rounds) })
			}
		}
	}
	return p
}

// lanes is how many of a resource's products a register holds.
func (u *Unit) lanes(r Resource) int {
	switch r {
	case MulAdd16, Mul16:
		return u.Bits / 16
	default:
		return u.Bits / 32
	}
}
