package learn

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// OnAllCores does n pieces of work. newWorker is called once a core and gives what
// does the pieces of that core; done, which may be nil, is called after each piece,
// from several goroutines. Of several pieces that fail, the error is that of the
// first, so that the same is told every time.
func OnAllCores(n int, done func(), newWorker func() (func(i int) error, error)) error {
	var next atomic.Int64
	first := failure{at: n}
	var workers errgroup.Group
	for range min(runtime.GOMAXPROCS(0), max(n, 1)) {
		workers.Go(func() error {
			work, err := newWorker()
			if err != nil {
				return err
			}
			// Pieces are taken in their order, so that whatever comes before a failure
			// has been taken by somebody, who goes on with it.
			for i := int(next.Add(1) - 1); i < first.before(); i = int(next.Add(1) - 1) {
				if err := work(i); err != nil {
					first.note(i, err)
					return nil
				}
				if done != nil {
					done()
				}
			}
			return nil
		})
	}
	return errors.Join(workers.Wait(), first.err)
}

// failure is the first of several, by where it happened.
type failure struct {
	mu  sync.Mutex
	at  int
	err error
}

// before is how far there is no failure yet.
func (f *failure) before() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *failure) note(at int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at < f.at {
		f.at, f.err = at, err
	}
}
