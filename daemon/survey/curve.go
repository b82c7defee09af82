package survey

// curve keeps points of a run evenly: at most so many, whatever the run's length, and
// the last.
type curve[T any] struct {
	every  int // so many points given to one kept
	given  int
	points []T
	last   T
}

// add takes the next point.
func (c *curve[T]) add(p T) {
	c.every = max(c.every, 1)
	if c.last = p; c.given%c.every == 0 {
		c.points = append(c.points, p)
	}
	c.given++
	if len(c.points) <= maxMoments {
		return
	}
	n := 0
	for i := 0; i < len(c.points); i += 2 {
		c.points[n] = c.points[i]
		n++
	}
	clear(c.points[n:])
	c.points, c.every = c.points[:n], 2*c.every
}

// all are the points that were kept, and the last.
func (c *curve[T]) all() []T {
	if c.given == 0 || (c.given-1)%c.every == 0 {
		return c.points
	}
	return append(c.points[:len(c.points):len(c.points)], c.last)
}
