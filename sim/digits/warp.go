package digits

import "math/rand/v2"

// warp is a smooth random displacement of the unit box: a lattice of control
// points, each moved at random, with cubic B-splines between them.
type warp [lattice + 3][lattice + 3]point

// lattice is the number of cells across the box. Three bend a stroke without
// breaking it.
const lattice = 3

func newWarp(amplitude float64, rng *rand.Rand) (w warp) {
	for i := range w {
		for j := range w[i] {
			w[i][j] = point{spread(amplitude, rng), spread(amplitude, rng)}
		}
	}
	return w
}

// spread draws evenly from -a to a.
func spread(a float64, rng *rand.Rand) float64 { return float64(a * (2*rng.Float64() - 1)) }

// apply moves a point of the unit box.
func (w *warp) apply(p point) point {
	i, bx := spline(p.x)
	j, by := spline(p.y)
	var d point
	for r := range by {
		var row point
		for c := range bx {
			q := w[j+r][i+c]
			row.x += float64(bx[c] * q.x)
			row.y += float64(bx[c] * q.y)
		}
		d.x += float64(by[r] * row.x)
		d.y += float64(by[r] * row.y)
	}
	return point{p.x + d.x, p.y + d.y}
}

// spline gives the cell of a coordinate from 0 to 1 and the weights of the four
// control points around it.
func spline(v float64) (cell int, b [4]float64) {
	v = float64(v * lattice)
	cell = min(max(int(v), 0), lattice-1)
	t := v - float64(cell)
	u := 1 - t
	t2, u2 := float64(t*t), float64(u*u)
	t3, u3 := float64(t2*t), float64(u2*u)
	b[0] = u3 / 6
	b[3] = t3 / 6
	b[1] = (float64(3*t3) - float64(6*t2) + 4) / 6
	b[2] = (float64(3*u3) - float64(6*u2) + 4) / 6
	return cell, b
}
