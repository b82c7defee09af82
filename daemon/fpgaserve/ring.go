package fpgaserve

import "sync"

// ring is words on their way from one goroutine to another, at most as many as it was made for.
type ring struct {
	mu     sync.Mutex
	words  []uint32
	head   int // the oldest
	count  int
	closed bool // nothing comes any more

	filled chan struct{} // has a token where something was put in or the ring was closed since it was taken
	room   chan struct{} // likewise where something was taken out
}

func newRing(size int) *ring {
	return &ring{words: make([]uint32, size), filled: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// offer puts in as many words as there is room for, and says how many.
func (r *ring) offer(words []uint32) int {
	r.mu.Lock()
	n := min(len(words), len(r.words)-r.count)
	at := (r.head + r.count) % len(r.words)
	copied := copy(r.words[at:], words[:n])
	copy(r.words, words[copied:n])
	r.count += n
	r.mu.Unlock()
	if n > 0 {
		token(r.filled)
	}
	return n
}

// put puts in all of the words, and waits for room. It gives up when dead is closed.
func (r *ring) put(words []uint32, dead <-chan struct{}) bool {
	for {
		words = words[r.offer(words):]
		if len(words) == 0 {
			return true
		}
		select {
		case <-r.room:
		case <-dead:
			return false
		}
	}
}

// take takes out as many words as are there and fit.
func (r *ring) take(to []uint32) int {
	r.mu.Lock()
	n := min(len(to), r.count)
	copied := copy(to[:n], r.words[r.head:])
	copy(to[copied:n], r.words)
	r.head = (r.head + n) % len(r.words)
	r.count -= n
	r.mu.Unlock()
	if n > 0 {
		token(r.room)
	}
	return n
}

// end says that nothing comes any more.
func (r *ring) end() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	token(r.filled)
}

// left is how many words are in it, and whether more may come.
func (r *ring) left() (n int, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count, !r.closed
}
