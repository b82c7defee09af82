package airplanes

import "math"

// point is a point of an outline, or a vector.
type point struct{ x, y float64 }

// whole mirrors a half outline, moves its centroid to the origin and scales it to size 1.
// Every product is converted before it is added to, so that no compiler fuses the two
// and outlines are equal on every machine.
func whole(half []point) []point {
	all := append([]point(nil), half...)
	for i := len(half) - 1; i >= 0; i-- {
		if p := half[i]; p.y != 0 { // the nose and the tail are their own mirror images
			all = append(all, point{p.x, -p.y})
		}
	}
	centre, scale := centroid(all), size(all)
	centre.y = 0 // by symmetry, and not nearly so
	for i, p := range all {
		all[i] = point{(p.x - centre.x) / scale, (p.y - centre.y) / scale}
	}
	return all
}

// size is the span of a plain wing whose edges sweep over as much as a polygon's, as it
// moves along its body. What edges sweep over is what makes events: an aeroplane with a
// tailplane and a propeller has more of them than a wing of its span.
func size(polygon []point) float64 {
	sum := 0.0
	last := polygon[len(polygon)-1]
	for _, p := range polygon {
		sum += math.Abs(p.y - last.y)
		last = p
	}
	return sum / 2
}

// centroid is that of a polygon without crossings.
func centroid(polygon []point) point {
	var area float64 // twice the area
	var c point
	last := polygon[len(polygon)-1]
	for _, p := range polygon {
		cross := float64(last.x*p.y) - float64(p.x*last.y)
		area += cross
		c.x += float64((last.x + p.x) * cross)
		c.y += float64((last.y + p.y) * cross)
		last = p
	}
	return point{c.x / (3 * area), c.y / (3 * area)}
}

// radius is the distance of a polygon's farthest corner from the origin.
func radius(polygon []point) float64 {
	far := 0.0
	for _, p := range polygon {
		far = max(far, float64(p.x*p.x)+float64(p.y*p.y))
	}
	return math.Sqrt(far)
}
