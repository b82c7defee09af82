package gemm

import "sync"

// pool keeps what products are made in from one call to the next. What it gives holds what the last
// call left in it.
type pool[T any] struct{ kept sync.Pool }

func (p *pool[T]) get() *T {
	if w, ok := p.kept.Get().(*T); ok {
		return w
	}
	return new(T)
}

func (p *pool[T]) put(w *T) { p.kept.Put(w) }
