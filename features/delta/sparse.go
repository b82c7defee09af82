package delta

import (
	"math/bits"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// cut makes values 0 whose magnitude is below a bound.
type cut struct {
	base
	in     *base
	bounds []int32
}

func (c *cut) run() {
	c.changes = c.changes[:0]
	for _, sp := range c.in.spans {
		at := int(sp.from) % len(c.bounds)
		for i := sp.from; i < sp.to; i++ {
			v := c.in.out[i]
			if magnitude(v) < int64(c.bounds[at]) {
				v = 0
			}
			c.set(int(i), v)
			if at++; at == len(c.bounds) {
				at = 0
			}
		}
	}
	c.spansOfChanges()
}

// topK keeps the values of largest magnitude of all that there are. One that changes can
// put any other one in or out, so that all of them are looked at where anything may have
// changed; what is passed on are changes all the same.
type topK struct {
	base
	in    *base
	keep  int
	weigh []int32
	// inside is, of each value in the order outside, where it is in memory; nil where both
	// are the same. Of values that are as large it is the first outside that is kept.
	inside []int32

	weighed []uint64 // magnitudes times their weights
	equal   []bool   // those kept of the ones that are as large as the last one kept
	counts  [1 << digitBits]int32
}

// digitBits are the bits of a magnitude that one pass of a selection looks at.
const digitBits = 10

func newTopK(n *topology.Node, p *plan, in *base) *topK {
	k := &topK{base: newBase(n), in: in, keep: n.Keep(), weigh: p.weigh, weighed: make([]uint64, n.Out.Len()), equal: make([]bool, n.Out.Len())}
	if p.outside != nil {
		k.inside = make([]int32, len(p.outside))
		for i, at := range p.outside {
			k.inside[at] = int32(i)
		}
	}
	return k
}

func (k *topK) run() {
	k.changes = k.changes[:0]
	if len(k.in.spans) > 0 {
		k.weighAll()
		least, keep := k.least()
		k.choose(least, keep)
		for i, v := range k.in.out {
			if w := k.weighed[i]; w < least || w == least && !k.equal[i] {
				v = 0
			}
			k.set(i, v)
		}
	}
	k.spansOfChanges()
}

func (k *topK) weighAll() {
	at := 0
	for i, v := range k.in.out {
		k.weighed[i] = uint64(magnitude(v)) * uint64(k.weigh[at])
		if at++; at == len(k.weigh) {
			at = 0
		}
	}
}

// least is the magnitude of the last value that is kept, and how many of those that have
// it are kept. It is found digit by digit from the top, which takes a time that does not
// depend on what the values are, but for how many digits the largest one has.
func (k *topK) least() (least uint64, keep int) {
	var all uint64
	for _, w := range k.weighed {
		all |= w
	}
	keep = k.keep
	above := bits.Len64(all) // bits from here on are known of the least
	for above > 0 {
		shift := max(above-digitBits, 0)
		clear(k.counts[:])
		for _, w := range k.weighed {
			if w>>above == least>>above {
				k.counts[w>>shift&(1<<(above-shift)-1)]++
			}
		}
		digit := len(k.counts) - 1
		for ; int(k.counts[digit]) < keep; digit-- {
			keep -= int(k.counts[digit])
		}
		least |= uint64(digit) << shift
		above = shift
	}
	return least, keep
}

// choose marks the first of the values that are as large as the least, up to so many.
// Whether zeros are kept makes no difference.
func (k *topK) choose(least uint64, keep int) {
	if least == 0 {
		return
	}
	for at := range k.weighed {
		i := at
		if k.inside != nil {
			i = int(k.inside[at])
		}
		if k.weighed[i] != least {
			continue
		}
		k.equal[i] = keep > 0
		keep--
	}
}
