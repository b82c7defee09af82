package airplanes

import (
	"math"
	"math/rand/v2"
)

// texture is a background's luminance, row by row. It continues at each side with what
// stands at the opposite one, so that a drifting camera never comes to its end.
type texture struct {
	width, height int
	v             []float32
}

// octaves are how many sizes of structures a texture has, each half as large as the one
// before and half as strong.
const octaves = 3

// newTexture draws the sum of lattices of random values, smoothly interpolated ("value
// noise"). Values lie within Ground*(1 +- Texture), and mostly well inside, as random
// numbers of several lattices rarely agree.
func newTexture(c Config, rng *rand.Rand) *texture {
	t := &texture{width: c.Geometry.Width, height: c.Geometry.Height}
	t.v = make([]float32, t.width*t.height)
	total := 0.0
	for o := range octaves {
		total += 1 / float64(int(1)<<o)
	}
	for o := range octaves {
		scale := float64(int(1) << o)
		t.add(c.Grain/scale, float64(c.Ground*c.Texture)/(scale*total), rng)
	}
	for i, v := range t.v {
		t.v[i] = max(float32(c.Ground)+v, 0)
	}
	return t
}

// add adds a lattice of random values from -strength to strength, as many cells of about
// grain pixels as fit each way.
func (t *texture) add(grain, strength float64, rng *rand.Rand) {
	cols, rows := cells(t.width, grain), cells(t.height, grain)
	lattice := make([]float64, cols*rows)
	for i := range lattice {
		lattice[i] = spread(strength, rng)
	}
	for y := range t.height {
		j, v := cell(y, t.height, rows)
		above, below := lattice[j*cols:(j+1)*cols], lattice[(j+1)%rows*cols:][:cols]
		for x := range t.width {
			i, u := cell(x, t.width, cols)
			k := (i + 1) % cols
			a := above[i] + float64(u*(above[k]-above[i]))
			b := below[i] + float64(u*(below[k]-below[i]))
			t.v[y*t.width+x] += float32(a + float64(v*(b-a)))
		}
	}
}

// cells is how many cells of a size fit into a side, at least one.
func cells(side int, grain float64) int { return max(int(float64(side)/grain), 1) }

// cell is the cell that a pixel lies in, and how far on in it: from 0 to 1, with a slope
// of 0 at both ends.
func cell(at, side, n int) (i int, u float64) {
	p := float64(at) * float64(n) / float64(side)
	i = min(int(p), n-1)
	u = p - float64(i)
	return i, float64(float64(u*u) * (3 - float64(2*u)))
}

// show writes the texture into frame, moved by dx and dy pixels to the right and down,
// interpolating between its pixels. rows and cols are memory for it.
func (t *texture) show(dx, dy float64, frame, rows []float32, cols []int) {
	i0, fx := split(dx, t.width)
	j0, fy := split(dy, t.height)
	w, h := t.width, t.height
	for i := range cols {
		cols[i] = (i + i0) % w
	}
	for j := range h + 1 {
		row := t.v[(j+j0)%h*w:][:w]
		dst := rows[j*w : (j+1)*w]
		a := row[cols[0]]
		for i := range dst {
			b := row[cols[i+1]]
			dst[i] = a + float32(fx*(b-a))
			a = b
		}
	}
	for j := range h {
		dst := frame[j*w : (j+1)*w]
		above, below := rows[j*w:(j+1)*w], rows[(j+1)*w:(j+2)*w]
		for i := range dst {
			dst[i] = above[i] + float32(fy*(below[i]-above[i]))
		}
	}
}

// split gives the texture's column under the field's column 0, when the texture has moved
// by d, and how far on towards the next column it is.
func split(d float64, side int) (column int, fraction float32) {
	f := math.Floor(-d)
	column = int(math.Mod(f, float64(side)))
	if column < 0 {
		column += side
	}
	return column, float32(-d - f)
}
