package digits

import (
	"image"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/vector"
)

// A digit is drawn larger and taken down at the end.
const (
	over  = 4           // pixels of the large image across one of the small
	large = over * Side // side of the large image
	// edge is the deviation of the blur that the stroke's width is changed by, in
	// pixels of the large image; see spreadInk.
	edge = 2.0
)

// render turns contours in pixels of the small image into ink.
func render(contours [][]point, s Style, rng *rand.Rand) Image {
	mask := fill(contours)
	ink := spreadInk(mask.Pix, s, rng)
	return reduce(ink, spread(s.Shift, rng), spread(s.Shift, rng))
}

// fill rasterises the contours. The rasteriser is handed straight lines only, and
// works in integers at this size.
func fill(contours [][]point) *image.Alpha {
	z := vector.NewRasterizer(large, large)
	z.DrawOp = draw.Src
	for _, c := range contours {
		for i, p := range c {
			x, y := float32(p.x*over), float32(p.y*over)
			if i == 0 {
				z.MoveTo(x, y)
			} else {
				z.LineTo(x, y)
			}
		}
		z.ClosePath()
	}
	mask := image.NewAlpha(image.Rect(0, 0, large, large))
	z.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	return mask
}

// spreadInk makes the strokes wider or narrower. A blurred edge, cut off at half
// its height, lies where it lay; cut off elsewhere it moves, and the further the
// further from half. The height of the cut varies over the image, and its slope
// is the softness of the edge. The values of the result are from 0 to 255.
func spreadInk(mask []uint8, s Style, rng *rand.Rand) []int32 {
	blurred := blur(mask)
	// Cuts of 0.5 +- 0.4 move an edge by 1.28 deviations: 0.64 pixels here.
	const reach = 0.4
	all := spread(reach*s.Weight*0.75, rng)
	var corner [4]float64
	for i := range corner {
		corner[i] = 0.5 - all - spread(reach*s.Weight*0.25, rng)
	}
	// The blurred edge rises by 1/(sqrt(2 pi) edge) a pixel at its middle.
	const rise = 0.4 / edge
	ramp := max(float64(s.Softness*rng.Float64())*over, 1) * rise
	ink := make([]int32, len(blurred))
	for y := range large {
		v := (float64(y) + 0.5) / large
		left := corner[0] + float64(v*(corner[2]-corner[0]))
		right := corner[1] + float64(v*(corner[3]-corner[1]))
		for x := range large {
			u := (float64(x) + 0.5) / large
			cut := left + float64(u*(right-left))
			// However soft, no ink where none was, and full ink deep inside.
			r := min(ramp, 2*cut, 2*(1-cut))
			h := (float64(blurred[y*large+x])-cut)/r + 0.5
			ink[y*large+x] = int32(float64(min(max(h, 0), 1) * 255))
		}
	}
	return ink
}

// blur smoothes with a deviation of edge pixels by diffusion: n passes of the
// kernel (1/4, 1/2, 1/4) have a variance of n/2. The result is from 0 to 1.
func blur(mask []uint8) []float32 {
	const passes = 2 * edge * edge
	a := make([]float32, len(mask))
	b := make([]float32, len(mask))
	for i, v := range mask {
		a[i] = float32(v) / 255
	}
	for range int(passes) {
		for y := range large {
			diffuse(b[y*large:(y+1)*large], a[y*large:(y+1)*large], 1)
		}
		for x := range large {
			diffuse(a[x:], b[x:], large)
		}
	}
	return a
}

// diffuse runs one pass over a row or column of the large image; beyond its ends
// is nothing.
func diffuse(dst, src []float32, stride int) {
	last, next := float32(0), src[0]
	for i := range large {
		v := next
		next = 0
		if i+1 < large {
			next = src[(i+1)*stride]
		}
		dst[i*stride] = float32(0.5*v) + float32(0.25*(last+next))
		last = v
	}
}

// reduce takes the large image down, moved so that the centre of mass comes to lie
// at the centre of the image, off by dx and dy pixels.
func reduce(ink []int32, dx, dy float64) (m Image) {
	var sum, sumX, sumY int
	for i, v := range ink {
		sum += int(v)
		sumX += int(v) * (i % large)
		sumY += int(v) * (i / large)
	}
	if sum == 0 {
		return m
	}
	shift := func(moment int, d float64) int {
		return int(math.Floor(large/2 + float64(d*over) - float64(moment)/float64(sum)))
	}
	mx, my := shift(sumX, dx), shift(sumY, dy)
	for y := range Side {
		for x := range Side {
			var v int32
			for j := range over {
				for i := range over {
					sx, sy := x*over+i-mx, y*over+j-my
					if sx >= 0 && sx < large && sy >= 0 && sy < large {
						v += ink[sy*large+sx]
					}
				}
			}
			m[y*Side+x] = uint8(v / (over * over))
		}
	}
	return m
}
