package feast_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// Any number of workers gives the bits that one gives: winners, counters and
// state, over streams with all that streams do, in packets of all lengths, with
// learning switched, surfaces reset and states put back on the way.
func TestWorkersGiveTheSameBits(t *testing.T) {
	defer goleak.VerifyNone(t)
	const most = 1500
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for i, c := range []feast.Config{configs()[1], configs()[2], configs()[3], configs()[5], configs()[9], configs()[10], configs()[11], configs()[12]} {
			c.Neurons = min(c.Neurons, 5)
			t.Run(describe(c), func(t *testing.T) {
				if refused(t, c, target) {
					return
				}
				for j, s := range hwtest.Streams(c.Geometry(), bearable(target, 8000), uint64(20+i)) {
					if (i+j)%2 == 0 {
						continue // one configuration or another meets each stream
					}
					compareWorkers(t, c, target, s, most, rand.New(rand.NewPCG(uint64(i), uint64(j))))
				}
			})
		}
	})
}

func compareWorkers(t *testing.T, c feast.Config, target hw.Target, s hwtest.Stream, most int, rng *rand.Rand) {
	t.Helper()
	alone, err := feast.New(c, target)
	require.NoError(t, err)
	layers := map[int]*feast.Layer{}
	for _, n := range []int{1, 2, 3, 8} {
		layers[n], err = feast.New(c, target)
		require.NoError(t, err)
		layers[n].SetWorkers(n)
		if n > 1 {
			layers[n].ShareFrom(200)
		}
	}
	each := func(f func(l *feast.Layer)) {
		f(alone)
		for _, l := range layers {
			f(l)
		}
	}
	learning := true
	for in := s.Events; len(in) > 0; {
		switch rng.IntN(8) {
		case 0, 1, 2:
			learning = !learning
			each(func(l *feast.Layer) { l.SetLearning(learning) })
		case 3:
			each(func(l *feast.Layer) { l.Reset() })
		case 4: // what another layer has come to
			state := layerState(t, alone)
			other := newLayer(t, c)
			process(t, other, in[:min(len(in), 60)])
			foreign := layerState(t, other)
			each(func(l *feast.Layer) {
				require.NoError(t, l.UnmarshalBinary(foreign))
				if c.Mode == feast.Merged { // and back, in half of the configurations
					require.NoError(t, l.UnmarshalBinary(state))
				}
				l.SetLearning(learning)
			})
		}
		n := min(len(in), 1+rng.IntN([]int{most, most, 300}[rng.IntN(3)]))
		want := process(t, alone, in[:n])
		for workers, l := range layers {
			what := fmt.Sprintf("%s, %d workers, %d events of %d, learning %v", s.Name, workers, n, len(in), learning)
			require.Equal(t, want, process(t, l, in[:n]), what)
			require.Equal(t, alone.Counters(), l.Counters(), what)
			require.Equal(t, alone.StepsBack(), l.StepsBack(), what)
			require.Equal(t, layerState(t, alone), layerState(t, l), what)
		}
		in = in[n:]
	}
}

// The number of workers may change between any two packets.
func TestWorkersChange(t *testing.T) {
	defer goleak.VerifyNone(t)
	c := configs()[1]
	l, alone := newLayer(t, c), newLayer(t, c)
	for _, workers := range []int{3, 1, 2, 8, 1, 2} {
		l.SetWorkers(workers)
		require.Equal(t, workers, l.Workers())
		if workers > 1 {
			l.ShareFrom(1000)
		}
		for _, learning := range []bool{true, false} {
			l.SetLearning(learning)
			alone.SetLearning(learning)
			in := movingEdges(c, 3000)
			require.Equal(t, process(t, alone, in), process(t, l, in))
			require.Equal(t, layerState(t, alone), layerState(t, l))
		}
	}
}

// meeting is a target whose kernels wait, the first time that each worker calls
// them, until all workers that are expected have.
type meeting struct {
	hw.Target
	workers int

	mu   sync.Mutex
	here map[*uint32]bool // by the surface, of which each worker has one
	all  chan struct{}    // closed when they are here
	late bool
}

func (m *meeting) Kernels() *hw.Kernels {
	k := *m.Target.Kernels()
	inner := k.Run
	k.Run = func(b *hw.Bank, steps []hw.Step) {
		m.meet(&b.Cells[0])
		inner(b, steps)
	}
	return &k
}

func (m *meeting) meet(cells *uint32) {
	m.mu.Lock()
	if !m.here[cells] {
		m.here[cells] = true
		if len(m.here) == m.workers {
			close(m.all)
		}
	}
	m.mu.Unlock()
	select {
	case <-m.all:
	case <-time.After(20 * time.Second):
		m.mu.Lock()
		defer m.mu.Unlock()
		m.late = true
	}
}

// A packet is taken by as many workers at once as there are: by all while features
// are frozen, by one a polarity while they are learned. A short one, or one that
// nobody can share, is the caller's alone.
func TestWorkersWorkAtOnce(t *testing.T) {
	defer goleak.VerifyNone(t)
	for _, c := range []struct {
		mode     feast.Mode
		learning bool
		events   int
		set      int
		want     int
	}{
		{feast.Merged, false, 4096, 2, 2},
		{feast.Merged, false, 4096, 5, 5},
		{feast.Split, false, 4096, 3, 3},
		{feast.Split, true, 4096, 2, 2},
		{feast.Split, true, 4096, 3, 2},
		{feast.Merged, true, 4096, 2, 1},
		{feast.Merged, false, 4096, 1, 1},
		{feast.Merged, false, 2500, 2, 1}, // too short to be shared
		{feast.Split, true, 2500, 2, 1},
	} {
		t.Run(fmt.Sprintf("%s learning=%v events=%d workers=%d", c.mode, c.learning, c.events, c.set), func(t *testing.T) {
			target, err := hw.Find("purego")
			require.NoError(t, err)
			m := &meeting{Target: target, workers: c.want, here: map[*uint32]bool{}, all: make(chan struct{})}
			config := feast.Default()
			config.Mode, config.Neurons, config.Radius = c.mode, 2, 1
			l, err := feast.New(config, m)
			require.NoError(t, err)
			l.SetLearning(c.learning)
			l.SetWorkers(c.set)
			process(t, l, movingEdges(config, c.events))
			require.False(t, m.late, "the others did not come")
			require.Len(t, m.here, c.want)
		})
	}
}

// Sharing a packet allocates nothing, once the copies of the surface are there.
func TestWorkersDoNotAllocate(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for _, learning := range []bool{true, false} {
			c := feast.Default()
			l, err := feast.New(c, target)
			require.NoError(t, err)
			l.SetLearning(learning)
			l.SetWorkers(3)
			l.ShareFrom(1000)
			in := movingEdges(c, 1500)
			winners := make([]int16, len(in))
			require.Zero(t, testing.AllocsPerRun(20, func() {
				for _, n := range []int{len(in), 10, len(in)} {
					if err := l.Process(in[:n], winners[:n]); err != nil {
						t.Error(err)
					}
				}
				l.Reset()
			}), "learning %v", learning)
		}
	})
}

func TestWorkersPanic(t *testing.T) {
	l := newLayer(t, feast.Default())
	require.Equal(t, 1, l.Workers())
	for _, n := range []int{0, -1} {
		require.PanicsWithValue(t, feast.PanicWorkers, func() { l.SetWorkers(n) })
	}
}

// BenchmarkWorkers is a layer with workers, packets long and short.
func BenchmarkWorkers(b *testing.B) {
	target, err := hw.Find(hw.Auto)
	if err != nil {
		b.Fatal(err)
	}
	c := feast.Default()
	c.Width, c.Height = 120, 90
	for _, learning := range []bool{false, true} {
		for _, n := range []int{256, 512, 1024, 2048, events.DefaultPacketEvents} {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("learning=%v/events=%d/workers=%d", learning, n, workers), func(b *testing.B) {
					l, err := feast.New(c, target)
					if err != nil {
						b.Fatal(err)
					}
					l.SetLearning(learning)
					l.SetWorkers(workers)
					in := movingEdges(c, n)
					winners := make([]int16, len(in))
					span := in[len(in)-1].T + 1
					b.ReportAllocs()
					for b.Loop() {
						if err := l.Process(in, winners); err != nil {
							b.Fatal(err)
						}
						for i := range in {
							in[i].T += span
						}
					}
					b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
				})
			}
		}
	}
}
