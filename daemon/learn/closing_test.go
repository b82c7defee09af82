package learn_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/sim/fpga/target"
)

// counted is a target that counts the devices which were given out and not given back.
type counted struct {
	hw.Fitter
	given, open atomic.Int64
	refuses     error // of every Close
}

type countedEngine struct {
	hw.Engine
	of     *counted
	closed bool
}

func (c *counted) Open(config hw.EngineConfig) (hw.Engine, error) {
	e, err := c.Fitter.Open(config)
	if err != nil {
		return nil, err
	}
	c.given.Add(1)
	c.open.Add(1)
	return &countedEngine{Engine: e, of: c}, nil
}

func (c *counted) Processor() hw.Target { return hw.Processor(c.Fitter) }

func (e *countedEngine) Close() error {
	if !e.closed {
		e.closed = true
		e.of.open.Add(-1)
	}
	return errors.Join(e.Engine.Close(), e.of.refuses)
}

func onDevice(t *testing.T) *counted {
	t.Helper()
	target, err := hw.Find("fpga-sim")
	require.NoError(t, err)
	fitter, ok := target.(hw.Fitter)
	require.True(t, ok)
	return &counted{Fitter: fitter}
}

// Whatever is learned or recognised on devices, they are given back, where it fails as well; and what they say to that is an error.
func TestDevicesAreGivenBack(t *testing.T) {
	in := shared.Recordings(t)[:12]
	wrong := []nmnist.Recording{in[0], in[1], file(t, append(content(t, in[2]), 1, 2, 3))}
	upper := small()
	upper.Neurons, upper.Border = 3, feast.BorderZero
	m, cv := recognising(t, readout.Ridge, in)
	lifted := framings["lower"]
	framed := withNetwork(t, twoLayers(t), lifted, "0", "1")
	tests := map[string]func(c *counted, damaged bool) error{}
	some := func(damaged bool) []nmnist.Recording {
		if damaged {
			return wrong
		}
		return in[:2]
	}
	for name, together := range map[string]bool{"together": true, "one by one": false} {
		tests[name] = func(c *counted, damaged bool) error {
			_, _, err := learn.Stack(t.Context(), stack.Of(small(), stack.Config{Feast: upper, Pool: 2}), together, c, some(damaged), nil)
			return err
		}
	}
	tests["vectors"] = func(c *counted, damaged bool) error {
		_, err := learn.ModelVectors(t.Context(), m, c, learn.PoolConfig(m.Feast, pool.Config{}), some(damaged), nil)
		return err
	}
	tests["decisions"] = func(c *counted, damaged bool) error {
		_, err := learn.Decisions(t.Context(), m, c, some(damaged), []float64{1}, nil)
		return err
	}
	tests["schedule"] = func(c *counted, damaged bool) error {
		from := in[:12:12]
		if damaged {
			from = append(from[:0:0], from...)
			from[learn.Calibration(12)[0]].Path = wrong[2].Path
		}
		_, err := learn.Schedule(t.Context(), m, c, m.Recipe(), from, cv, nil)
		return err
	}
	tests["frames"] = func(c *counted, damaged bool) error {
		_, err := learn.Frames(t.Context(), framed, c, lifted, some(damaged), nil)
		return err
	}
	tests["recognise"] = func(c *counted, damaged bool) error {
		_, err := learn.Recognise(t.Context(), framed, c, some(damaged), nil)
		return err
	}
	for name, test := range tests {
		for _, damaged := range []bool{false, true} {
			c := onDevice(t)
			err := test(c, damaged)
			require.Equal(t, damaged, err != nil, "%s: %v", name, err)
			require.Positive(t, c.given.Load(), name)
			require.Zero(t, c.open.Load(), name)
		}
		c := onDevice(t)
		c.refuses = errors.New("it does not let go")
		require.ErrorIs(t, test(c, false), c.refuses, name)
	}
}
