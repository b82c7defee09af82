package benchmarks

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
)

// BenchmarkCores is what a second core brings: two sensors against one, as bare
// layers and through NATS, and two workers against one on a single layer. What is
// compared is measured in turns, and medians are reported, as other work on the
// machine comes and goes.
func BenchmarkCores(b *testing.B) {
	b.Run("sensors", benchmarkSensors)
	small := feast.Default()
	large := small
	large.Width, large.Height, large.Neurons, large.Radius = 240, 180, 100, 6
	for _, c := range []feast.Config{small, large} {
		for _, learning := range []bool{false, true} {
			b.Run(fmt.Sprintf("workers/%dx%d/neurons=%d/side=%d/learning=%v", c.Width, c.Height, c.Neurons, c.Side(), learning), func(b *testing.B) {
				benchmarkWorkers(b, c, learning)
			})
		}
	}
}

// benchmarkSensors is one and two sensors, as bare layers on goroutines of their own
// and through the embedded server to the daemon, with somebody who listens to the
// features. Learning is on; 34x34, 16 neurons a polarity, 11x11, packets of 4,096
// events of simulated saccades.
func benchmarkSensors(b *testing.B) {
	s := newStream(b)
	target, err := hw.Find(hw.Auto)
	require.NoError(b, err)
	d := startDaemon(b)
	listener := connect(b, d)
	var layers [2]*feast.Layer
	var streams [2]*stream
	var cameras [2]*camera
	for i := range 2 {
		layers[i], err = feast.New(feast.Default(), target)
		require.NoError(b, err)
		streams[i] = s.clone()
		name := "camera-" + strconv.Itoa(i)
		_, err := listener.Subscribe(subjectsOf(b, name).Features, func(*nats.Msg) {})
		require.NoError(b, err)
		cameras[i] = newCamera(b, d, name, s.clone())
	}
	require.NoError(b, listener.Flush())
	const rounds = 4
	compute := func(n int) {
		each(n, func(i int) {
			winners := make([]int16, events.DefaultPacketEvents)
			for range rounds {
				for _, p := range streams[i].packets {
					if err := layers[i].Process(p, winners[:len(p)]); err != nil {
						b.Error(err)
					}
				}
				streams[i].next()
			}
		})
	}
	send := func(n int) {
		each(n, func(i int) {
			for range rounds {
				cameras[i].publish(b)
			}
			cameras[i].wait()
		})
	}
	compute(2) // features of some use, memory that was touched, pipelines that are made
	send(2)
	t := newTurns()
	for b.Loop() {
		t.take("layer", rounds*s.events, func() { compute(1) })
		t.take("layers", 2*rounds*s.events, func() { compute(2) })
		t.take("sensor", rounds*s.events, func() { send(1) })
		t.take("sensors", 2*rounds*s.events, func() { send(2) })
	}
	t.report(b, "layer", "layers", "sensor", "sensors")
	t.ratio(b, "layers", "layer")
	t.ratio(b, "sensors", "sensor")
	t.ratio(b, "sensor", "layer")
	t.ratio(b, "sensors", "layers")
}

// benchmarkWorkers is one layer with one worker and with two, over packets of 4,096
// events of an edge that sweeps the sensor, both polarities in turns of some events.
func benchmarkWorkers(b *testing.B, c feast.Config, learning bool) {
	target, err := hw.Find(hw.Auto)
	require.NoError(b, err)
	in := sweep(c, 8*events.DefaultPacketEvents)
	for i := range in {
		in[i].P = events.Polarity(i / 5 % 2)
	}
	winners := make([]int16, events.DefaultPacketEvents)
	process := func(l *feast.Layer) {
		for p := range slices.Chunk(in, len(winners)) {
			if err := l.Process(p, winners); err != nil {
				b.Fatal(err)
			}
		}
	}
	var layers [2]*feast.Layer
	for i := range layers {
		layers[i], err = feast.New(c, target)
		require.NoError(b, err)
		process(layers[i]) // features of some use
		layers[i].SetLearning(learning)
		layers[i].SetWorkers(1 + i)
	}
	t := newTurns()
	for b.Loop() {
		for i := range in {
			in[i].T += int64(len(in))
		}
		t.take("one", len(in), func() { process(layers[0]) })
		t.take("two", len(in), func() { process(layers[1]) })
	}
	t.report(b, "one", "two")
	t.ratio(b, "two", "one")
}

// each runs f for the numbers below n at once.
func each(n int, f func(i int)) {
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() { f(i) })
	}
	running.Wait()
}

// clone is the same stream in memory of its own.
func (s *stream) clone() *stream {
	c := *s
	c.packets = make([][]events.Event, len(s.packets))
	for i, p := range s.packets {
		c.packets[i] = slices.Clone(p)
	}
	return &c
}

// turns collects the rates in events/s of what is measured in turns.
type turns map[string][]float64

func newTurns() turns { return turns{} }

func (t turns) take(name string, n int, f func()) {
	start := time.Now()
	f()
	t[name] = append(t[name], float64(n)/time.Since(start).Seconds())
}

func (t turns) median(name string) float64 {
	slices.Sort(t[name])
	return t[name][len(t[name])/2]
}

func (t turns) report(b *testing.B, names ...string) {
	for _, name := range names {
		b.ReportMetric(t.median(name), name+"-events/s")
	}
	b.ReportMetric(0, "ns/op") // of all turns together: it says nothing
}

func (t turns) ratio(b *testing.B, of, to string) {
	b.ReportMetric(t.median(of)/t.median(to), of+"/"+to)
}
