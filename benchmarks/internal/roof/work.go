package roof

// Work is what a call of a kernel must do at least.
type Work struct {
	// Loads and Stores are from and to memory that is gone over from call to call.
	Loads, Stores Traffic
	// Products by the multipliers' resources; those of memory are unused.
	Products [resources]float64
}

// Traffic is bytes that a call moves, and the size in bytes of what it and the calls
// after it go over.
type Traffic struct {
	Bytes float64
	Set   int
}

// Bytes that are moved in all.
func (w Work) Bytes() float64 { return w.Loads.Bytes + w.Stores.Bytes }

// Multiplications of all lengths.
func (w Work) Multiplications() float64 {
	var n float64
	for _, p := range w.Products {
		n += p
	}
	return n
}

// Bound is the seconds that work takes at least: of loading, of storing and of
// multiplying, which go on beside each other.
type Bound struct {
	Load, Store, Multiply float64
}

// Bound of work on a unit, from its peaks.
func (u *Unit) Bound(w Work) Bound {
	var b Bound
	if w.Loads.Bytes > 0 {
		b.Load = w.Loads.Bytes / u.Peak(Load, w.Loads.Set).Rate()
	}
	if w.Stores.Bytes > 0 {
		b.Store = w.Stores.Bytes / u.Peak(Store, w.Stores.Set).Rate()
	}
	for r, n := range w.Products {
		if n > 0 {
			b.Multiply += n / u.Peak(Resource(r), 0).Rate()
		}
	}
	return b
}

// Plus is the bound of that and of times the other, one after the other or both at
// once.
func (b Bound) Plus(times float64, other Bound) Bound {
	return Bound{
		Load:     b.Load + times*other.Load,
		Store:    b.Store + times*other.Store,
		Multiply: b.Multiply + times*other.Multiply,
	}
}

// Seconds is the longest of the three.
func (b Bound) Seconds() float64 { return max(b.Load, b.Store, b.Multiply) }
