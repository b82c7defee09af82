package hw_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

// opens is a target with devices, of which it says no more than it must.
type opens struct {
	hw.Target
	refuses error
	engine  *engine
}

func (o opens) Open(hw.EngineConfig) (hw.Engine, error) {
	if o.refuses != nil {
		return nil, o.refuses
	}
	return o.engine, nil
}

// engine is one that can be given back alone.
type engine struct {
	hw.Engine
	closed int
}

func (e *engine) Close() error {
	e.closed++
	return nil
}

// fits is a target that knows what it can hold, and what does the rest.
type fits struct {
	opens
	processor hw.Target
}

func (f fits) Fits(hw.EngineConfig) error { return f.refuses }
func (f fits) Processor() hw.Target       { return f.processor }

// named is a target that is nothing but its name.
type named struct {
	hw.Target
	name string
}

func (n named) Name() string { return n.name }

func TestProcessor(t *testing.T) {
	cpu, board := named{name: "cpu"}, named{name: "board"}
	require.Equal(t, hw.Target(cpu), hw.Processor(cpu))
	p := hw.Processor(opens{Target: board})
	require.NotImplements(t, (*hw.Opener)(nil), p)
	require.Equal(t, "board", p.Name(), "it has not said whose its kernels are")
	require.Equal(t, hw.Target(cpu), hw.Processor(fits{opens{Target: board}, cpu}))
	require.Equal(t, hw.Target(cpu), hw.Processor(hw.Watched(fits{opens{Target: board}, cpu}, nil)))
}

func TestFits(t *testing.T) {
	no := errors.New("too large")
	e := &engine{}
	require.NoError(t, hw.Fits(opens{engine: e}, hw.EngineConfig{}))
	require.Equal(t, 1, e.closed, "it was given back")
	require.ErrorIs(t, hw.Fits(opens{refuses: no}, hw.EngineConfig{}), no)
	require.ErrorIs(t, hw.Fits(fits{opens: opens{refuses: no, engine: e}}, hw.EngineConfig{}), no)
	require.NoError(t, hw.Fits(fits{opens: opens{engine: e}}, hw.EngineConfig{}))
	require.Equal(t, 1, e.closed, "it was asked, and not opened")
}

func TestWatched(t *testing.T) {
	var told []error
	tell := func(err error) { told = append(told, err) }
	cpu := named{name: "cpu"}
	require.Equal(t, hw.Target(cpu), hw.Watched(cpu, tell), "it has nothing that could fail")
	no := errors.New("too large")
	w := hw.Watched(fits{opens{Target: named{name: "board"}, refuses: no}, cpu}, tell)
	require.Equal(t, "board", w.Name())
	opener, ok := w.(hw.Opener)
	require.True(t, ok)
	require.ErrorIs(t, hw.Fits(opener, hw.EngineConfig{}), no)
	listener, ok := w.(hw.FailureListener)
	require.True(t, ok)
	listener.DeviceFailed(no)
	require.Equal(t, []error{no}, told)
}
