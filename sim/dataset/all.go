package dataset

import (
	"context"
	"iter"
	"sync"
)

// All gives n things in the order of their indices, made by as many goroutines as
// workers says and at most two a worker ahead of what has been asked for. Each goroutine
// begins with newWorker, which gives what makes the things of that goroutine. The first
// error, ctx's among them, ends the iteration. When the loop over it ends, early or not,
// its goroutines have ended. It panics with PanicWorkers for fewer than one worker.
func All[T any](ctx context.Context, n, workers int, newWorker func() (func(ctx context.Context, i int) (T, error), error)) iter.Seq2[T, error] {
	if workers < 1 {
		panic(PanicWorkers)
	}
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		jobs := make(chan job[T])
		ordered := make(chan chan result[T], 2*workers)
		wg.Go(func() {
			defer close(jobs)
			defer close(ordered)
			deal(ctx, n, jobs, ordered)
		})
		for range min(workers, n) {
			wg.Go(func() {
				makes, err := newWorker()
				for j := range jobs {
					r := result[T]{err: err}
					if err == nil {
						r.thing, r.err = makes(ctx, j.index)
					}
					j.out <- r
				}
			})
		}
		given := 0
		for out := range ordered {
			r := <-out
			if !yield(r.thing, r.err) || r.err != nil {
				return
			}
			given++
		}
		if given < n { // the context was done between two things
			var none T
			yield(none, ctx.Err())
		}
	}
}

type result[T any] struct {
	thing T
	err   error
}

type job[T any] struct {
	index int
	out   chan result[T] // of one result, so that no worker ever waits for the loop
}

// deal hands every index to a worker, and its result to the loop in order.
func deal[T any](ctx context.Context, n int, jobs chan<- job[T], ordered chan<- chan result[T]) {
	for i := range n {
		out := make(chan result[T], 1)
		select {
		case ordered <- out:
		case <-ctx.Done():
			return
		}
		select {
		case jobs <- job[T]{i, out}:
		case <-ctx.Done():
			out <- result[T]{err: ctx.Err()}
			return
		}
	}
}
