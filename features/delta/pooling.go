package delta

import "math"

// avgPool sums up windows; the division is part of the levels made of the sums, or of
// what a unit of the output is worth.
type avgPool struct {
	sums
	in *base
}

func (p *avgPool) run() {
	n := p.node
	channels := n.In.Channels
	for _, d := range p.in.changes {
		pixel := int(d.Index) / channels
		channel := int(d.Index) - pixel*channels
		columns := n.Window.X.Of(pixel % n.In.Width)
		for _, ry := range n.Window.Y.Of(pixel / n.In.Width) {
			for _, rx := range columns {
				at := int(ry.Out)*n.Out.Width + int(rx.Out)
				p.out[at*channels+channel] += d.Value
				p.mark[at] = true
			}
		}
	}
	p.finish()
}

// maxPool looks at the windows anew in which a value may have changed: a maximum that
// falls is not told by the change alone.
type maxPool struct {
	base
	in   *base
	mark []bool
	most []int32
}

func (p *maxPool) run() {
	n := p.node
	p.changes = p.changes[:0]
	channels := n.In.Channels
	last := -1
	for _, sp := range p.in.spans {
		for pixel := int(sp.from) / channels; pixel <= int(sp.to-1)/channels; pixel++ {
			if pixel == last {
				continue // spans of changes are often of several channels of a pixel
			}
			columns := n.Window.X.Of(pixel % n.In.Width)
			for _, ry := range n.Window.Y.Of(pixel / n.In.Width) {
				for _, rx := range columns {
					p.mark[int(ry.Out)*n.Out.Width+int(rx.Out)] = true
				}
			}
			last = pixel
		}
	}
	if last < 0 {
		p.spansOfChanges()
		return
	}
	for at, marked := range p.mark {
		if !marked {
			continue
		}
		p.mark[at] = false
		for i := range p.most {
			p.most[i] = math.MinInt32
		}
		top, bottom := n.Window.Y.From(at/n.Out.Width, n.In.Height)
		left, right := n.Window.X.From(at%n.Out.Width, n.In.Width)
		for y := top; y < bottom; y++ {
			row := p.in.out[(y*n.In.Width+left)*channels:][:(right-left)*channels]
			for len(row) > 0 {
				for c, v := range row[:channels] {
					p.most[c] = max(p.most[c], v)
				}
				row = row[channels:]
			}
		}
		for c, v := range p.most {
			p.set(at*channels+c, v)
		}
	}
	p.spansOfChanges()
}
