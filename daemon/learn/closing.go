package learn

import (
	"errors"
	"sync"

	"github.com/saccade-dev/saccade/features/stack"
)

// closing is the layers that workers have made, one a core, which may have devices: they are given back when all of the
// workers are done.
type closing struct {
	mu     sync.Mutex
	stacks []*stack.Stack
}

func (c *closing) add(s *stack.Stack) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stacks = append(c.stacks, s)
}

// close is for defer, when no worker is there any more, and adds what goes wrong to the error that is returned.
func (c *closing) close(err *error) {
	for _, s := range c.stacks {
		closed(s, err)
	}
}

// closed closes layers, and adds what goes wrong to an error.
func closed(s *stack.Stack, err *error) {
	if cerr := s.Close(); cerr != nil {
		*err = errors.Join(*err, cerr)
	}
}
